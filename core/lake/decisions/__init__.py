"""Single decisions: found, chosen by a condition, of one person, or not as expected."""
