"""Audio analysis and classification; runs in the worker process only, the one place for numpy, soundfile and models."""
