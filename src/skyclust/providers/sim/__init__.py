"""A cloud that lives in memory: no SDK, no network, driven by a seed and a clock. For tests, simulations and newcomers.

Found by the entry-point group `skyclust.providers`. Its world is reachable as `Sim.world`, so that a test can look at
the truth and act as the outside world. Nothing survives the process.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skyclust.contract.provider import Provider


def provider(environ: Mapping[str, str]) -> Provider:
    """The entry point. `SKYCLUST_CLOUD_SPEED` makes its clock run faster, `SKYCLUST_SIM_SEED` its dice repeatable."""
    from skyclust.providers.sim.cloud import Sim  # noqa: PLC0415 - importing the package must stay cheap
    from skyclust.providers.sim.world import SimWorld  # noqa: PLC0415

    speed = float(environ.get("SKYCLUST_CLOUD_SPEED", "1"))
    seed = environ.get("SKYCLUST_SIM_SEED")
    return Sim(SimWorld(lambda: time.monotonic() * speed, Random(int(seed) if seed else None)))
