"""Published numbers: the tables exactly as printed, and the role each value plays here."""
