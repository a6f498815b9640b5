"""Human review: the queue in which people decide, its clocks and its people."""
