"""What an examiner does here: drawing samples, taking packs, reading what was given to whom."""
