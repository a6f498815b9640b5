"""How long the worker waits before it tries again what another machine did not take."""

from datetime import timedelta

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
"""Before the second attempt, the third and so on; after the last one it is given up."""
