"""What the command line gives to every benchmark."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """speed    cloud seconds per real second where the whole product runs; 1 is what a real cloud would show
    runs        how often a start is timed
    """

    speed: float = 5.0
    runs: int = 5
