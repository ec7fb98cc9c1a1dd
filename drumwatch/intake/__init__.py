"""A file arrives and comes to rest."""
