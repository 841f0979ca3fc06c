"""node-pools on the command line: what is asked of the API, after the plan was shown."""

import pytest

from skyclust.entrypoints.cli import app
from skyclust.entrypoints.cli.commands import node_pools

PLAN = {"digest": "d1", "ok": True, "changes": [], "findings": [], "usd_per_month": 0.0, "expected_seconds": 0}
CLUSTER = {"id": "c-1", "name": "shop", "provider": "sim", "region": "r", "credential_id": "k-1"}
WHERE = {"region": "r", "credential_id": "k-1"}


class FakeApi:
    """Remembers what was sent; dry runs answer with a plan."""

    def __init__(self):
        self.sent = []

    def items(self, path, **params):
        del path, params
        return iter([CLUSTER])

    def _send(self, method, path, body, params):
        self.sent.append((method, path, body, params))
        return PLAN if params.get("dry_run") else {"id": "op-1"}

    def post(self, path, body=None, **params):
        return self._send("POST", path, body, params)

    def patch(self, path, body, **params):
        return self._send("PATCH", path, body, params)


@pytest.fixture
def api(monkeypatch):
    made = FakeApi()
    monkeypatch.setattr(node_pools.Api, "from_environment", classmethod(lambda _: made))
    monkeypatch.setattr(node_pools, "watch", lambda _, ids: ids)
    monkeypatch.setattr(node_pools, "require_success", lambda ids: ids)
    return made


def test_a_pool_is_added_with_its_surge_settings_after_its_plan(api):
    assert app.run(["node-pools", "add", "shop", "fast", "--machine-type", "small", "--max-surge", "33%", "--yes"]) == 0
    body = {"name": "fast", "machine_types": ["small"], "node_count": 1, "spot": False, "upgrade": {"max_surge": "33%"}}
    path = "/sim/kubernetes/clusters/shop/node-pools"
    assert [(path, body, True), (path, body, None)] == [(at, sent, how.get("dry_run")) for _, at, sent, how in api.sent]


def test_a_pool_changes_how_its_nodes_are_replaced(api):
    assert app.run(["node-pools", "change", "shop", "fast", "--max-unavailable", "2", "--yes"]) == 0
    path, body = "/sim/kubernetes/clusters/shop/node-pools/fast", {"upgrade": {"max_unavailable": "2"}}
    assert api.sent == [("PATCH", path, body, WHERE | {"dry_run": True}), ("PATCH", path, body, WHERE)]


def test_a_pool_is_added_with_all_that_it_may_have(api):
    words = ["--machine-type", "small", "--machine-type", "medium", "--spot", "--fallback", "--gpu", "2:T4"]
    more = ["--disk-type", "pd-ssd", "--zone", "a", "--zone", "b", "--yes"]
    assert app.run(["node-pools", "add", "shop", "fast", *words, *more]) == 0
    assert api.sent[0][2] == {
        "name": "fast", "machine_types": ["small", "medium"], "node_count": 1, "spot": {"fallback": True},
        "gpu": {"type": "T4", "count": 2}, "disk_type": "pd-ssd", "zones": ["a", "b"],
    }  # fmt: skip
