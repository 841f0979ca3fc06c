"""One driver per kind of the simulated cloud. Read by `Sim` and its surveys."""

from __future__ import annotations

from skyclust.contract.provider import Driver
from skyclust.providers.sim.addons import AddonDriver
from skyclust.providers.sim.drivers import STEP, SimDriver, SweepDriver

DRIVERS: dict[str, Driver] = {
    STEP: SweepDriver(),
    **{
        f"sim.{kind}": SimDriver(kind)
        for kind in ("network", "subnet", "gateway", "firewall", "peering", "role", "cluster", "node_pool")
    },
    "sim.addon": AddonDriver(),
}
