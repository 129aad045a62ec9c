"""System calls of a program, counted by a tracer: one file per tool's format."""
