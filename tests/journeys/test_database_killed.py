"""PostgreSQL dies five times under load: what was acknowledged stays, and the product is ready again by itself."""

import threading
import time
import urllib.error
from contextlib import suppress
from itertools import count
from random import Random

import psutil

from soak.killing.patience import PatientClient
from soak.killing.product import Refused

KILLS, SEED = 5, 5
REGIONS = ("us-west-2", "eu-west-1", "ap-northeast-2")
PATIENCE_SECONDS = 90.0
#: Real seconds between two kills, at most: long enough for some work to be acknowledged.
PAUSE_SECONDS = 0.8


class Load(threading.Thread):
    """Makes a network and deletes it, again and again, until told to stop. Remembers what was acknowledged."""

    def __init__(self, up, region, credential):
        super().__init__(daemon=True)
        self.up, self.region, self.credential = up, region, credential
        self.acknowledged, self.stop, self.broken = [], threading.Event(), None

    def run(self):
        try:
            for number in count():
                if self.stop.is_set():
                    return
                self.come_and_go(f"load-{self.region}-{number}")
        except BaseException as broken:
            self.broken = broken

    def come_and_go(self, name):
        client = PatientClient(self.up)
        body = {"name": name, "region": self.region, "cidr_block": "10.0.0.0/16", "credential_id": self.credential}
        made = client.ask("POST", "/aws/network/vpcs", body)
        self.acknowledged.append(made["id"])
        assert client.ended(made["id"])["state"] == "succeeded"
        target = made["target"]["id"]
        gone = client.delete(f"/aws/network/vpcs/{target}", target)
        self.acknowledged.append(gone["id"])
        assert client.ended(gone["id"])["state"] == "succeeded"


def kill_database(up):
    """The server with all its children, at once, as a power cut does."""
    first = psutil.Process(int((up.data_dir / "postgres" / "postmaster.pid").read_text().split()[0]))
    for process in (first, *first.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            process.kill()


def is_ready(up):
    """What a load balancer sees: 200, or 503 that names the database, or nothing."""
    try:
        return up.call("GET", "/health/ready", token="")["status"] == "ready"
    except Refused as refused:
        if refused.status == 503 and refused.problem["checks"]["database"] == "does not answer":
            return False
        raise
    except (OSError, urllib.error.URLError):
        return False


def until(true, up):
    """Seconds until it is."""
    begun = time.monotonic()
    while not true(up):
        assert time.monotonic() - begun < PATIENCE_SECONDS
        time.sleep(0.02)  # polling a real process
    return time.monotonic() - begun


def test_a_database_killed_five_times_under_load_loses_nothing_acknowledged(start_up):
    up, rng = start_up(), Random(SEED)
    loads = [Load(up, region, up.credential("aws")) for region in REGIONS]
    for load in loads:
        load.start()
    took = []
    for _ in range(KILLS):
        before = sum(len(load.acknowledged) for load in loads)
        until(lambda _, before=before: sum(len(load.acknowledged) for load in loads) > before, up)
        time.sleep(rng.random() * PAUSE_SECONDS)  # the moment is the test's subject
        kill_database(up)
        blind = until(lambda product: not is_ready(product), up)
        took.append(blind + until(is_ready, up))
    for load in loads:
        load.stop.set()
    for load in loads:
        load.join(timeout=PATIENCE_SECONDS)
        assert not load.is_alive()
        assert load.broken is None, repr(load.broken)
    acknowledged = {name for load in loads for name in load.acknowledged}
    print(f"ready again after {', '.join(f'{seconds:.1f}' for seconds in took)} s; {len(acknowledged)} acknowledged")
    listed = {item["id"]: item["state"] for item in up.call("GET", "/operations?limit=200")["items"]}
    assert listed.keys() == acknowledged
    assert set(listed.values()) == {"succeeded"}
    assert up.resources("aws") == []
    assert up.call("GET", "/audit-logs:verify")["intact"]
    assert up.stop() == 0
