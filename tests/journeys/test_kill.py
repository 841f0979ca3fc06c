"""SIGKILL at seeded moments while two clusters are being made; `skyclust up` on the same folder finishes the work.

Repeat one with: SKYCLUST_KILL_SEED=<seed> make test ARGS="tests/journeys/test_kill.py"
"""

import os
import random
import time
from collections import Counter

import pytest

from skyclust.kit.settings import Settings
from soak.killing.product import PATIENCE_SECONDS
from soak.killing.witness import mark_of

SEEDS = [int(os.environ["SKYCLUST_KILL_SEED"])] if "SKYCLUST_KILL_SEED" in os.environ else [1]
KILLS = 3
#: Real seconds the two operations take undisturbed at this speed, roughly: kills fall anywhere inside.
SPAN_SECONDS = 6.0
#: A dead worker's lease lasts at least this much longer when its successor is ready; half of it is more than enough.
LEASE_SECONDS = float(Settings.model_fields["lease_seconds"].default) * 0.8


@pytest.mark.parametrize("seed", SEEDS)
def test_a_killed_server_finishes_its_work_with_exactly_one_of_each(start_up, seed):
    print(f"seed {seed}")
    rng = random.Random(seed)
    up = start_up()
    bodies = {
        "aws": {"name": "kill-eks", "region": "us-west-2", "network": {"cidr_block": "10.0.0.0/16", "zones": 2},
                "node_pool": {"machine_type": "t3.medium", "node_count": 2}},
        "gcp": {"name": "kill-gke", "region": "asia-northeast3", "network": {"cidr_block": "10.1.0.0/16"},
                "node_pool": {"machine_type": "e2-standard-2", "node_count": 1}},
    }  # fmt: skip
    operations = [
        up.call("POST", f"/{provider}/kubernetes/clusters", body | {"credential_id": up.credential(provider)})
        for provider, body in bodies.items()
    ]
    finished: dict[tuple[str, str], dict] = {}
    for _ in range(KILLS):
        time.sleep(rng.random() * SPAN_SECONDS / KILLS)  # the moment is the test's subject
        for operation in operations:
            for step in up.call("GET", f"/operations/{operation['id']}")["steps"]:
                if step["state"] == "succeeded":
                    finished[operation["id"], step["key"]] = step
        up.kill()
        up.start()
    ended = [up.succeeded(operation) for operation in operations]

    now = {(operation["id"], step["key"]): step for operation in ended for step in operation["steps"]}
    for key, step in finished.items():
        for field in ("started_at", "ended_at", "external_id"):
            assert now[key][field] == step[field], f"{key} ran again"
    for provider in bodies:
        marks = Counter(mark for row in up.resources(provider) if (mark := mark_of(row)))
        assert marks, "no marked resource found"
        assert {mark: count for mark, count in marks.items() if count > 1} == {}
    assert {item["state"] for item in up.call("GET", "/clusters")["items"]} == {"ready"}
    for provider, body in bodies.items():
        up.succeeded(up.call("DELETE", f"/{provider}/kubernetes/clusters/{body['name']}"))
        assert up.resources(provider) == []
    assert up.stop() == 0


def test_a_server_killed_in_mid_call_takes_its_leases_back_at_once(start_up):
    """On its own folder it is the only worker: waiting for the end of its predecessor's leases would help nobody."""
    up = start_up()
    credential = up.credential("aws")
    slow = {"provider": "aws", "operation": "*CreateVpc", "mode": "slow", "times": 1, "params": {"seconds": 10}}
    up.control("POST", "faults", slow)
    body = {"name": "caught", "region": "us-west-2", "cidr_block": "10.0.0.0/16", "credential_id": credential}
    operation = up.call("POST", "/aws/network/vpcs", body)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not up.resources("aws"):
        assert time.monotonic() < deadline
        time.sleep(0.02)  # polling a real process
    up.kill()
    up.start()
    ready_at = time.monotonic()
    while up.call("GET", f"/operations/{operation['id']}")["state"] == "running":
        assert time.monotonic() - ready_at < LEASE_SECONDS, "it has waited for the old leases"
        time.sleep(0.1)  # polling a real process
    assert up.succeeded(operation)
    assert up.stop() == 0
