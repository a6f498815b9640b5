"""The worker: which jobs there are, who does them, and when they are tried again."""
