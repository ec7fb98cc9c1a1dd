"""The daemon: one thread reads an inbox, decides and acts; each module has one task."""
