"""How far two fields act together in a model, beyond what each does by itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Interaction:
    """How far two fields act together.

    Parameters
    ----------
    first, second : str
        Which.
    h2 : float
        Share of the variance of their joint partial dependence that is not the sum of their own;
        NaN where the joint one does not vary.
    strength : float
        Root mean square of what is not, on the scale of the output.
    rows : int
        Rows of the sample.
    """

    first: str
    second: str
    h2: float
    strength: float
    rows: int
