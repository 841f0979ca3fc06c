"""Nimbus for SkyClust. Found by the entry-point group `skyclust.providers`; importing it is cheap."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skyclust.contract.provider import Provider


def provider(environ: Mapping[str, str]) -> Provider:
    """The entry point. `SKYCLUST_NIMBUS_FOLDER` is where the cloud is; its clock may run faster than ours."""
    from skyclust_nimbus.cloud import Cloud  # noqa: PLC0415 - what is not used is not loaded
    from skyclust_nimbus.nimbus import Nimbus  # noqa: PLC0415

    speed = float(environ.get("SKYCLUST_CLOUD_SPEED", "1"))
    return Nimbus(Cloud(Path(environ.get("SKYCLUST_NIMBUS_FOLDER", "nimbus")), lambda: time.time() * speed))
