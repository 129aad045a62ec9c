"""Result files: rows, provenance, baselines, journals."""
