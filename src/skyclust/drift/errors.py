"""What may go wrong with drift and orphans, and what to do next."""

from __future__ import annotations

from skyclust.kit.problems import Problem, not_found


def drift_not_found() -> Problem:
    """Nothing of that id has drifted, as far as one may see."""
    return not_found("drifted resource")
