"""What each of a customer's own fields adds to a model's score."""

from core.metrics.attribution.pipelines import attribute, attribute_each
from core.metrics.attribution.raw import raw_output
from core.metrics.attribution.result import Attribution, Method
from core.metrics.attribution.spaces import Space
from core.metrics.attribution.stability import Stability, redraw, stability, top_fields

__all__ = [
    "Attribution",
    "Method",
    "Space",
    "Stability",
    "attribute",
    "attribute_each",
    "raw_output",
    "redraw",
    "stability",
    "top_fields",
]
