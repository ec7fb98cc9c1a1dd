"""Programs of the user that are run after sounds were filed: which entries are events, their order in the journal, and how they run."""
