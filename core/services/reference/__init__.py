"""What drift is measured against: the frozen reference and the counts beside it."""
