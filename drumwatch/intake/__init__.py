"""From events in watched folders to files that are complete and stable."""
