"""Limits for processes that read untrusted files: kernel sandbox, resource limits, one child per dangerous task."""
