"""One reader per document format: from its content to the sounds that it names. Nothing here writes, runs or imports what it reads."""
