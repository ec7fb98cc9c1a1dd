"""The evidence of a sound's neighbors: files named alike, files that share a word, files of the same folder; pure, without numpy."""
