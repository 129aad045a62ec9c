"""Questions over many runs."""
