"""The classification model: its file, forest, convolutional nets, and the corrections of a retrained model."""
