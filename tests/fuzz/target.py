"""What is fuzzed: a function of bytes that lets through what is a fault of ours, and only that."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """Something that takes bytes from outside.

    Parameters
    ----------
    run : callable
        Given bytes, does what the product does with them. Errors that a user is told are swallowed;
        every other one comes through, and is a finding.
    seeds : tuple of bytes
        Sound inputs to begin from.
    """

    run: Callable[[bytes], None]
    seeds: tuple[bytes, ...]


class Finding(AssertionError):
    """An answer that the product must never give, although nothing was raised."""


def expect(holds: bool, text: str) -> None:
    """Raise a finding unless something holds."""
    if not holds:
        raise Finding(text)
