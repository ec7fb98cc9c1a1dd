"""One reader per document format, which yields the names of sounds in it; nothing is written, executed or imported."""
