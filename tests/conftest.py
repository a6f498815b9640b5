"""Settings of every test run."""

from hypothesis import settings

# A machine shared with other work is slow at times; a slow example is not a wrong one.
settings.register_profile("harbourlight", deadline=None)
settings.load_profile("harbourlight")
