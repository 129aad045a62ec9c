"""lmbench-style and ReAIM-style programs: what is run, and what is counted."""
