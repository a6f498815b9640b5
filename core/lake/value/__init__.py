"""What decisions were worth, by score, cut-off and group."""
