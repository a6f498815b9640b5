"""Names of the lake for names of a file, so that no name from outside ever reaches SQL."""

import re
from collections.abc import Iterable


def aliases(names: Iterable[str], *, prefix: str) -> dict[str, str]:
    """Return each name with its lake column: the prefix and the name in lower-case ASCII.

    Parameters
    ----------
    names : iterable of str
        Names of a file's columns; a name that comes twice counts once.
    prefix : str
        What every column of the kind begins with, such as ``c_``.

    Returns
    -------
    dict
        In the order of the names; columns that would be equal are numbered from 2.

    Examples
    --------
    >>> aliases(["Loan amount", "loan-amount"], prefix="c_")
    {'Loan amount': 'c_loan_amount', 'loan-amount': 'c_loan_amount_2'}
    """
    found: dict[str, str] = {}
    for name in dict.fromkeys(names):
        base = prefix + (re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "column")
        alias, number = base, 2
        while alias in found.values():
            alias, number = f"{base}_{number}", number + 1
        found[name] = alias
    return found
