"""Stand-ins that tests turn by hand: a clock and a counter of ids."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

START = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


@dataclass
class FakeClock:
    """A clock that stands still until it is moved; call it for the instant."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **amount: float) -> datetime:
        """Move on by ``timedelta(**amount)`` and return the new instant."""
        self.now += timedelta(**amount)
        return self.now


@dataclass
class FakeIds:
    """Ids in order: ``id-0001``, ``id-0002`` …"""

    prefix: str = "id"
    count: int = 0

    def __call__(self) -> str:
        self.count += 1
        return f"{self.prefix}-{self.count:04d}"
