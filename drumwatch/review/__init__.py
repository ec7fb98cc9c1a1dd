"""The review, on a local web page or in the terminal: a process of its own that shares only the journal with the daemon."""
