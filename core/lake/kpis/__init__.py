"""What KPIs are computed from: sums, order and rows, as SQL of our own words."""
