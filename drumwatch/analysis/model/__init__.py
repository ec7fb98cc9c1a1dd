"""The classification model: its file, forest, convolutional nets, and what the user has taught it."""
