"""What a sound's neighbors say about it: files named alike, files that share a word, files of the same folder; pure, without numpy."""
