"""Rows whose outcome is known: counted, summed, sampled, and how late labels come."""
