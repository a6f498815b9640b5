"""Canonical JSON after RFC 8785: one value, one sequence of bytes, in any language.

Keys are sorted by UTF-16 code units, numbers are written as ECMAScript writes them, and nothing
is escaped that need not be. Integers beyond ±(2⁵³−1) are refused, because a reader that keeps
numbers as doubles would change them; hand them over as text.
"""

import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

_LARGEST_EXACT = 2**53 - 1


def canonical_bytes(value: object) -> bytes:
    """Return the canonical UTF-8 bytes of a JSON value.

    Parameters
    ----------
    value : object
        Mappings with text keys, sequences, text, numbers, booleans, ``None``, dates, and aware
        datetimes (written in UTC with microseconds and ``Z``).

    Raises
    ------
    ValueError
        If a number is not finite or not exact, a datetime has no zone, or text holds half of a
        surrogate pair.
    TypeError
        If a value has no JSON form.
    """
    return _write(value).encode("utf-8")


def _write(value: object) -> str:
    if isinstance(value, str):
        return json.dumps(str(value), ensure_ascii=False)
    if isinstance(value, Mapping):
        return _write_object(value)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return "[" + ",".join(_write(item) for item in value) + "]"
    if isinstance(value, datetime):
        return f'"{instant_text(value)}"'
    if isinstance(value, date):
        return f'"{value.isoformat()}"'
    return _write_scalar(value)


def _write_object(value: Mapping[object, object]) -> str:
    names: list[str] = []
    for name in value:
        if not isinstance(name, str):
            raise TypeError(f"JSON keys are text, not {type(name).__name__}.")
        names.append(name)
    names.sort(key=lambda name: name.encode("utf-16-be"))
    return "{" + ",".join(f"{_write(name)}:{_write(value[name])}" for name in names) + "}"


def _write_scalar(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        if abs(value) > _LARGEST_EXACT:
            raise ValueError(f"{value} is not exact as a JSON number; hand it over as text.")
        return str(int(value))
    if isinstance(value, float):
        return number_text(float(value))
    raise TypeError(f"{type(value).__name__} has no JSON form.")


def instant_text(value: datetime) -> str:
    """Return an aware datetime in UTC as ``YYYY-MM-DDTHH:MM:SS.ffffffZ``."""
    if value.utcoffset() is None:
        raise ValueError(f"{value!r} has no time zone.")
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def number_text(value: float) -> str:
    """Return a double as ECMAScript's ``Number::toString`` does (ECMA-262, 6.1.6.1.20).

    Python's ``repr`` gives the same shortest digits; only the place of the point differs.
    """
    if not math.isfinite(value):
        raise ValueError(f"{value} has no JSON form.")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = f"{abs(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    return sign + _place_point(digits, point)


def _place_point(digits: str, point: int) -> str:
    """Write 0.<digits> × 10^point in ECMAScript's form."""
    count = len(digits)
    if count <= point <= 21:
        return digits + "0" * (point - count)
    if 0 < point <= 21:
        return digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    exponent = point - 1
    tail = "." + digits[1:] if count > 1 else ""
    return f"{digits[0]}{tail}e{'+' if exponent >= 0 else '-'}{abs(exponent)}"
