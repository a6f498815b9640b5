"""What all parts of the contract share: strict, frozen, unknown fields refused."""

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A section of the contract; a misspelt field is an error, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
