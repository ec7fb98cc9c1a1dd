"""One module for each word of the command line, imported when it is called."""
