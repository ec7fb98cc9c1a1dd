"""Kits: sounds of the library that go together, as links or copies in a folder of their own."""
