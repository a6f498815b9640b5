"""What explanations of a model's decisions need to know that nothing else says."""

from pydantic import Field

from core.contract.base import Part
from core.contract.fairness import Words


class Explanation(Part):
    """How the decisions of a model are explained."""

    background: int = Field(default=200, ge=20, le=2_000)
    seed: int = Field(default=0, ge=0, le=2**31 - 1)
    redraws: int = Field(default=20, ge=0, le=100)
    adverse: Words = ()
    proxies: tuple[str, ...] = ()
    coverage: float | None = Field(default=None, gt=0, le=1)
