"""What people do with the model's word when they have one of their own already."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.metrics.oversight.shares import Share, share


@dataclass(frozen=True, slots=True)
class Reliance:
    """Whether people follow the model where it is right, and themselves where they are.

    Parameters
    ----------
    on_model : Share
        RAIR: of the cases in which the own view was wrong and the model right, those that were
        decided rightly in the end. 1: a wrong view was always given up.
    on_self : Share
        RSR: of the cases in which the own view was right and the model wrong, those that were
        decided rightly in the end. 1: a right view was always kept.
    """

    on_model: Share
    on_self: Share


def reliance(cases: Iterable[tuple[bool, bool, bool]]) -> Reliance:
    """Return how people rely on the model and on themselves.

    Where both were right, or both wrong, nothing is learned of either.

    Parameters
    ----------
    cases : iterable of (bool, bool, bool)
        Whether the own view, the model and the final verdict were right.

    Notes
    -----
    Relative AI reliance and relative self-reliance as Schemmer et al. (2022) define them.
    """
    known = list(cases)
    model = [final for view, said, final in known if said and not view]
    own = [final for view, said, final in known if view and not said]
    return Reliance(share(sum(model), len(model)), share(sum(own), len(own)))
