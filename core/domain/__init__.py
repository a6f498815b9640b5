"""The words of the product as frozen dataclasses and rules; standard library only."""

from core.domain.identity import Actor, Permission, Role
from core.domain.status import Status, worst
from core.domain.windows import Chunk, Window, calendar_chunks, local_day

__all__ = [
    "Actor",
    "Chunk",
    "Permission",
    "Role",
    "Status",
    "Window",
    "calendar_chunks",
    "local_day",
    "worst",
]
