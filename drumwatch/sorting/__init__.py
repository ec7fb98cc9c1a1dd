"""What `drumwatch sort` does: plan, analyze, file, preview and report."""
