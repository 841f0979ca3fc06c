"""Field types and the base of every wire shape. Every string has a maximum length; unknown fields are refused."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints

Name = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
ShortText = Annotated[str, StringConstraints(max_length=256)]
LongText = Annotated[str, StringConstraints(max_length=4096)]
#: A CIDR block; the pattern also helps property tests to find their way in.
Cidr = Annotated[str, StringConstraints(max_length=43, pattern=r"^[0-9a-fA-F.:]+/[0-9]{1,3}$")]


def _written_out(value: object) -> object:
    """A bare number would be taken for seconds since 1970, or for milliseconds, as its size would have it."""
    if isinstance(value, str) and value.strip().lstrip("+-").replace(".", "", 1).isdigit():
        raise ValueError("Write the time out, as 2026-03-01T12:00:00Z.")
    return value


#: A time that a client gives, in words and not as a number.
Time = Annotated[datetime, BeforeValidator(_written_out)]


class Body(BaseModel):
    """What clients send: unknown fields are an error that names them; NaN and Infinity are refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, str_max_length=65_536)


class Answer(BaseModel):
    """What we send. Built from rows or values with `model_validate`."""

    model_config = ConfigDict(from_attributes=True)
