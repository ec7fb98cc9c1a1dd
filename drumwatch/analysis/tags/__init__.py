"""Tags inside audio files: written into a copy, and verified to leave the sound unchanged."""
