"""What the command line gives to every benchmark."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """speed    cloud seconds per real second where real time counts; 1 is what a real cloud would show. None = each
                benchmark's own, at which it takes a few minutes
    runs        how often a start, a rotation or a walk is timed
    """

    speed: float | None = None
    runs: int = 5
