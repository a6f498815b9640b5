"""What serving systems are told: states, versions, releases, tokens."""
