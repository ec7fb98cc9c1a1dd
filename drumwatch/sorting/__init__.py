"""What `drumwatch sort` does: it plans, analyzes, files, previews and reports."""
