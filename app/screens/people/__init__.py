"""The pages People and access and My account."""
