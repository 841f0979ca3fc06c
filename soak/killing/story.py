"""One seed: somebody makes a stack, perhaps changes it, deletes it, while processes die and calls go wrong.

Invariant: the seed decides what is asked, what is struck and when, and what the proxy does with its n-th call; how the
processes interleave is the machine's. A broken promise raises Broken with the seed, what was done, and the command.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from random import Random
from typing import Any

from soak.killing.blows import Nemesis, Plan, draw
from soak.killing.installation import Installation
from soak.killing.product import ENDED, Refused
from soak.killing.witness import Witness

Json = dict[str, Any]
PATIENCE_SECONDS = 120.0
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
        made = self._under_blows("create", draw(rng, at_most=3, span=4.0), lambda key: self._post(wish.path, body, key))
        self.witness.check(empty=False)
        here = f"{wish.path}/{made['target']['id']}"
        count = 2
        if wish.pool and rng.random() < 0.3:
            scaling = draw(rng, at_most=1, span=0.5)
            pool = f"{here}/node-pools/{wish.pool}/scale"
            self._under_blows("scale", scaling, lambda key: self._ask("PUT", pool, {"node_count": 2}, key))
            self.witness.check(empty=False)
            count += 1
        self._under_blows("delete", draw(rng, at_most=2, span=2.0), lambda key: self._delete(here, made, key))
        self.installation.weather.calm()
        self.witness.check(empty=True)
        return count

    def _under_blows(self, what: str, plans: tuple[Plan, ...], ask: Callable[[str], Json]) -> Json:
        """Ask, wait for success, while the blows fall."""
        self.done += [f"during {what}, {plan}" for plan in plans] or [f"{what} undisturbed"]
        blows = self.nemesis.begin(plans)
        try:
            operation = ask(str(uuid.uuid4()))
            self.witness.acknowledged.add(operation["id"])
            ended = self._ended(operation["id"])
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
        self._ask("POST", f"/operations/{operation['id']}:resume", None, str(uuid.uuid4()))
        ended = self._ended(operation["id"])
        assert ended["state"] == "succeeded", f"{operation['kind']}: {ended['state']} {ended['error']}"
        return ended

    # ---- a client that does not give up ----
    def _post(self, path: str, body: Json, key: str) -> Json:
        return self._ask("POST", path, body, key)

    def _delete(self, path: str, made: Json, key: str) -> Json:
        """Its answer may get lost while the deletion ends: then there is nothing left to be found by that path."""
        try:
            return self._ask("DELETE", path, None, key)
        except Refused as refused:
            if refused.status != 404:
                raise
        listed = self._ask("GET", f"/operations?target_id={made['target']['id']}", None, key)["items"]
        return next(dict(item) for item in listed if item["kind"].endswith(".delete"))

    def _ask(self, method: str, path: str, body: Json | None, key: str) -> Json:
        """Again with the same key until it is answered."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return dict(self.installation.call(method, path, body, headers={"idempotency-key": key}))
            except Refused as refused:
                if refused.status < 500 and refused.status != 429:
                    raise
                last: Exception = refused
            except (OSError, HTTPException, ValueError) as cut:
                last = cut
            assert time.monotonic() < deadline, f"{method} {path} is not answered: {last!r}"
            time.sleep(0.1)  # a real process restarts meanwhile

    def _ended(self, operation_id: str) -> Json:
        """Follow an operation to its end; what is finished must never begin again."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            operation = self._ask("GET", f"/operations/{operation_id}", None, "")
            for step in operation["steps"]:
                self._compare(operation_id, step)
            if operation["state"] in ENDED:
                return operation
            open_steps = [(step["key"], step["state"], step["message"]) for step in operation["steps"]]
            assert time.monotonic() < deadline, f"{operation['kind']} does not end: {open_steps}"
            time.sleep(0.3)  # polling a real process

    def _compare(self, operation_id: str, step: Json) -> None:
        known = self.finished.get((operation_id, step["key"]))
        now = {name: step[name] for name in ("state", "started_at", "ended_at", "external_id")}
        assert known is None or known == now, f"a finished step began again: {step['key']} was {known}, is {now}"
        if step["state"] == "succeeded":
            self.finished[operation_id, step["key"]] = now
