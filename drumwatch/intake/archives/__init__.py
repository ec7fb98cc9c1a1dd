"""Archives: looked through, then unpacked by a bounded loop that believes no header, in a process of its own."""
