"""Every page × theme × language × width in pictures, and what a machine finds wrong with each."""
