"""Routing: predictions become cases, what rules would make, and what took effect without."""
