"""Multiprocessors: operations as visits to shared objects, priced by line transfers.

An operation is a path of local work and visits; a visit names an object, the object has a
scope (cpu, region, file, process, node, system) and a kind (line, one of the locks, memory,
server). Slowdown comes only from which CPUs land on the same object and what moving its line
costs on the machine. No system has a scaling factor.
"""
