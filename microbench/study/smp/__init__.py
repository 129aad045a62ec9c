"""Studies made with the many-CPU model."""
