"""What took effect, held against what had to happen before."""
