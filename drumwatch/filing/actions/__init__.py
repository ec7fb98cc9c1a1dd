"""The kinds of actions: one module per kind, and the registry that names them all.

A new kind is a module here, a row in `registry.py`, and a row in `core.records.KINDS` for what other packages need to know of it.
"""
