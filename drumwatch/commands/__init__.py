"""One module for each command of the command line; it is imported when the command is called."""
