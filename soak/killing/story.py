"""One seed: somebody makes a stack, perhaps changes it, deletes it, while processes die and calls go wrong.

Invariant: the seed decides what is asked, what is struck and when, and what the proxy does with its n-th call; how the
processes interleave is the machine's. A broken promise raises Broken with the seed, what was done, and the command.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from soak.killing.blows import Nemesis, Plan, draw
from soak.killing.installation import Installation
from soak.killing.patience import Json, PatientClient
from soak.killing.product import Refused
from soak.killing.witness import Witness

REGIONS = {"aws": "us-west-2", "gcp": "asia-northeast3"}
#: Shares of calls that go wrong.
RATES = (0.0, 0.03, 0.1, 0.2)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for. `pool` names the node pool that may be scaled."""

    provider: str
    path: str
    body: Json
    pool: str = ""


def wish_of(rng: Random, seed: int) -> Wish:
    """A GKE cluster, an EKS cluster or a VPC, each with its own network."""
    name, block = f"kill-{seed}", f"10.{seed % 200}.0.0/16"
    kind = rng.choices(("gke", "eks", "vpc"), (4, 2, 4))[0]
    if kind == "vpc":
        return Wish("aws", "/aws/network/vpcs", {"name": name, "cidr_block": block, "carve": True})
    provider, machine = ("gcp", "e2-standard-2") if kind == "gke" else ("aws", "t3.medium")
    network = {"cidr_block": block} | ({"zones": 2} if kind == "eks" else {})
    pool = {"name": "default", "machine_type": machine, "node_count": 1}
    body = {"name": name, "network": network, "node_pool": pool}
    return Wish(provider, f"/{provider}/kubernetes/clusters", body, "default")


class Broken(AssertionError):
    """A promise was broken."""


@dataclass
class Story:
    """The seed's own stream, and what it did so far."""

    installation: Installation
    witness: Witness
    nemesis: Nemesis
    credentials: Mapping[str, str]
    seed: int
    done: list[str] = field(default_factory=list)
    finished: dict[tuple[str, str], Json] = field(default_factory=dict)

    @property
    def _client(self) -> PatientClient:
        return PatientClient(self.installation)

    def tell(self) -> int:
        """Live through it; the number of operations."""
        rng = Random(self.seed)
        try:
            return self._tell(rng)
        except (AssertionError, Refused) as wrong:
            history = "\n  ".join(self.done)
            raise Broken(
                f"seed {self.seed} broke a promise: {wrong}\nWhat was done:\n  {history}\n"
                f"Repeat it: python -m soak kill --first {self.seed} --seeds 1"
            ) from wrong
        finally:
            self.installation.weather.calm()

    def _tell(self, rng: Random) -> int:
        wish, rate = wish_of(rng, self.seed), rng.choice(RATES)
        self.installation.weather.set(Random(rng.random()), rate)
        self.done.append(f"{wish.path} with {rate:.0%} of all calls going wrong")
        body = wish.body | {"region": REGIONS[wish.provider], "credential_id": self.credentials[wish.provider]}
        made = self._under_blows(
            "create", draw(rng, at_most=3, span=4.0), lambda: self._client.ask("POST", wish.path, body)
        )
        self.witness.check(empty=False)
        here = f"{wish.path}/{made['target']['id']}"
        count = 2
        if wish.pool and rng.random() < 0.3:
            scaling = draw(rng, at_most=1, span=0.5)
            pool = f"{here}/node-pools/{wish.pool}/scale"
            self._under_blows("scale", scaling, lambda: self._client.ask("PUT", pool, {"node_count": 2}))
            self.witness.check(empty=False)
            count += 1
        self._under_blows(
            "delete", draw(rng, at_most=2, span=2.0), lambda: self._client.delete(here, made["target"]["id"])
        )
        self.installation.weather.calm()
        self.witness.check(empty=True)
        return count

    def _under_blows(self, what: str, plans: tuple[Plan, ...], ask: Callable[[], Json]) -> Json:
        """Ask, wait for success, while the blows fall."""
        self.done += [f"during {what}, {plan}" for plan in plans] or [f"{what} undisturbed"]
        blows = self.nemesis.begin(plans)
        try:
            operation = ask()
            self.witness.acknowledged.add(operation["id"])
            ended = self._watched(operation)
            if ended["state"] != "succeeded":
                ended = self._resumed(ended)
        finally:
            self.nemesis.finish(blows)
        return ended

    def _resumed(self, operation: Json) -> Json:
        """A storm may end an operation truthfully; in calm weather a resume finishes it."""
        self.done.append(
            f"{operation['kind']} ended {operation['state']} ({operation['error']}); resumed in calm weather"
        )
        assert "resume" in operation["actions"], f"cannot be resumed: {operation['state']} {operation['error']}"
        self.installation.weather.calm()
        try:
            self._client.ask("POST", f"/operations/{operation['id']}:resume")
        except Refused as refused:
            if refused.status != 409:  # asked twice, because the first answer was lost: it goes on already
                raise
        ended = self._watched(operation)
        assert ended["state"] == "succeeded", f"{operation['kind']}: {ended['state']} {ended['error']}"
        return ended

    def _watched(self, operation: Json) -> Json:
        """Follow an operation to its end; what is finished must never begin again."""
        return self._client.ended(
            operation["id"], lambda now: [self._compare(now["id"], step) for step in now["steps"]]
        )

    def _compare(self, operation_id: str, step: Json) -> None:
        known = self.finished.get((operation_id, step["key"]))
        now = {name: step[name] for name in ("state", "started_at", "ended_at", "external_id")}
        assert known is None or known == now, f"a finished step began again: {step['key']} was {known}, is {now}"
        if step["state"] == "succeeded":
            self.finished[operation_id, step["key"]] = now
