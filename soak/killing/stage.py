"""One installation on which seed after seed is lived through. Used by `soak.kill` and by the test of a few seeds."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

from soak.killing.blows import Nemesis
from soak.killing.installation import Installation
from soak.killing.story import REGIONS, Story
from soak.killing.witness import Witness

#: Cloud seconds per real second: an EKS control plane takes one second.
SPEED = 600.0
LEASE_SECONDS = 2.0
#: A token lasts a quarter of an hour.
LOGIN_SECONDS = 300.0


class Stage:
    """Decoys stand in every cloud; between two seeds nothing else does."""

    def __init__(self, folder: Path) -> None:
        """Everything runs when this returns."""
        self.installation = Installation(folder, speed=SPEED, lease_seconds=LEASE_SECONDS)
        for provider, region in REGIONS.items():
            self.installation.act(provider, "plant_decoys", region=region)
        self._credentials = {provider: self.installation.credential(provider) for provider in REGIONS}
        self._witness = Witness(self.installation, self.installation.postgres.owner_url)
        self._nemesis = Nemesis(self.installation)
        self._logged_in_at = time.monotonic()
        self.operations = 0

    def live(self, seed: int) -> None:
        """Raises story.Broken."""
        self.installation.wait_until_ready()
        if time.monotonic() - self._logged_in_at > LOGIN_SECONDS:
            self.installation.log_in()
            self._logged_in_at = time.monotonic()
        story = Story(self.installation, self._witness, self._nemesis, self._credentials, seed)
        self.operations += story.tell()

    @property
    def blows(self) -> Counter[str]:
        """What was done to the processes."""
        return self._nemesis.counts

    @property
    def troubles(self) -> Counter[str]:
        """What was done to calls."""
        return self.installation.weather.counts

    def close(self) -> None:
        """The audit log of the whole run must be intact, no defect reported, and every process must end in order."""
        try:
            verified = self.installation.call("GET", "/audit-logs:verify")
            faults = self.installation.faults()
        finally:
            codes = self.installation.close()
        assert verified["intact"], f"the audit log is not as it was written: {verified}"
        assert not faults, f"{len(faults)} faults in the engine's own log, the first: {faults[0]}"
        assert set(codes) == {0}, f"exit codes {codes}"
