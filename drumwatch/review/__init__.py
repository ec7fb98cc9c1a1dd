"""The review page: a process of its own on this machine's own address; it meets the daemon only in the journal."""
