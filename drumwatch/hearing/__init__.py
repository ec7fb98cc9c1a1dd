"""A file is heard. Runs in the worker process only: the one room with numpy, soundfile, librosa and scikit-learn."""
