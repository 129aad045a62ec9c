"""What others' tools write, read into mkbench's own words, and probes of this machine."""
