"""How departments write: texts without what does not count, names and codes in them, patterns and sentences as data."""
