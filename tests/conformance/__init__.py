"""Each metric against another implementation of it: ``python -m tests.conformance``."""
