"""Which declared columns hold the model's own reasons, by their names."""

import re

ATTRIBUTION = re.compile(r"(?:attribution|shap)_(.+)")
REASON = re.compile(r"reason(?:_code)?s?(?:_\d+)?")


def is_reason(name: str) -> bool:
    """Whether a declared column holds a reason or an attribution of the model, by its name."""
    return bool(ATTRIBUTION.fullmatch(name) or REASON.fullmatch(name))
