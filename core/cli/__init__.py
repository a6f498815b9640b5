"""The command line: each command converts, calls one service and prints its answer."""
