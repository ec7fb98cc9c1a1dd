"""A file is heard, in the worker process only: the one room with numpy, soundfile and models."""
