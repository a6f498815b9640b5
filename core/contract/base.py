"""What all parts of the contract share: strict, frozen, unknown fields refused."""

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError

FAULT = "contract_fault"


class Part(BaseModel):
    """A section of the contract; a misspelt field is an error, never ignored.

    A class, a column or a version may be written 1 without quotes; infinities are refused.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        coerce_numbers_to_str=True,
        allow_inf_nan=False,
    )


def fault(field: str, message: str) -> PydanticCustomError:
    """Return the error of a field that contradicts another; the message holds the remedy."""
    return PydanticCustomError(FAULT, "{message}", {"field": field, "message": message})
