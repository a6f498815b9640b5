"""Codes and references that people read aloud and type: no letter looks like another.

The letters are Crockford's: digits, and capital letters without I, L, O and U.
"""

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 10
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def written(number: int, length: int = LENGTH) -> str:
    """Return the last digits of a number to the base 32.

    Examples
    --------
    >>> written(32 * 31 + 17, 3)
    '0ZH'
    """
    found = []
    for _ in range(length):
        number, place = divmod(number, len(LETTERS))
        found.append(LETTERS[place])
    return "".join(reversed(found))


def grouped(code: str) -> str:
    """Return a code in two halves, as it is printed.

    Examples
    --------
    >>> grouped("ABCDE12345")
    'ABCDE-12345'
    """
    half = len(code) // 2
    return f"{code[:half]}-{code[half:]}"


def as_kept(typed: str) -> str:
    """Return a code as it is kept, whatever way somebody typed it.

    Examples
    --------
    >>> as_kept("abcde-l234o ")
    'ABCDE12340'
    """
    return typed.upper().translate(_READ_AS)
