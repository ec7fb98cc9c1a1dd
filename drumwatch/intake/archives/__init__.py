"""Archives: inspected, then unpacked within limits that do not depend on their headers, in a separate process."""
