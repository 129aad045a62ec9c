"""What hardware costs. Knows no kernel, no workload and no published result."""
