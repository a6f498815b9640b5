"""Who may do what, and how passwords are kept."""
