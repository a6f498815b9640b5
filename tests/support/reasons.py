"""Code books for tests."""

from typing import Any


def code(number: int, field: str, direction: str, words: str = "") -> dict[str, Any]:
    """Return an entry that names the field, the person's value and the usual one."""
    return {
        "code": f"R{number:03d}",
        "field": field,
        "direction": direction,
        "sentence": {
            "en": f"{words or field}: {{value}}, usually {{usual}}",
            "zh-HK": f"{words or field}：{{value}}，一般為 {{usual}}",
            "zh-CN": f"{words or field}：{{value}}，一般为 {{usual}}",
        },
    }


def code_book(*fields: str) -> dict[str, Any]:
    """Return a book with both directions of each field, numbered from 1."""
    pairs = [(field, direction) for field in fields for direction in ("raises", "lowers")]
    return {"codes": [code(number, *pair) for number, pair in enumerate(pairs, start=1)]}
