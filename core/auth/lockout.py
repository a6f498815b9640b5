"""When failures lock a name or a source, and for how long: pure arithmetic, no database.

The first few failures cost nothing. Every further one locks, each time twice as long as before, up
to an hour. Who stops trying is forgotten after a while, so nobody is locked out for good.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network


@dataclass(frozen=True, slots=True)
class Rule:
    """How many failures are free, and how waiting grows.

    Parameters
    ----------
    free : int
        Failures in a row that do not lock.
    first, longest : timedelta
        The first wait, and the longest.
    forget_after : timedelta
        So long after the last failure the count begins anew.
    """

    free: int
    first: timedelta
    longest: timedelta
    forget_after: timedelta

    def wait(self, failures: int) -> timedelta:
        """Return how long so many failures in a row lock: ``first · 2^(failures - free - 1)``."""
        if failures <= self.free:
            return timedelta(0)
        doublings = min(failures - self.free - 1, 30)
        wait: timedelta = self.first * 2**doublings
        return min(wait, self.longest)

    def count(self, failures: int, last_failure_at: datetime, at: datetime) -> int:
        """Return the failures that still count at an instant."""
        return 0 if at - last_failure_at > self.forget_after else failures


# A person who mistypes has five tries; a whole office behind one address has thirty.
PER_USER = Rule(4, timedelta(seconds=30), timedelta(hours=1), timedelta(hours=24))
PER_SOURCE = Rule(29, timedelta(seconds=30), timedelta(hours=1), timedelta(hours=24))
RULES = {"user": PER_USER, "source": PER_SOURCE}


def source_key(source: str) -> str:
    """Return what an address is counted as: itself, or the /64 network of an IPv6 address.

    Whoever has one IPv6 address has 2^64 of them.
    """
    try:
        address = ip_address(source.split("%", 1)[0])
    except ValueError:
        return source
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ip_network((address, 64), strict=False))
    return str(address)
