"""An upgrade over two minor versions in the sandbox, with our command line; the cluster's own API as the witness."""

import pytest

CLUSTER = {
    "name": "journey-upgrade",
    "region": "europe-west1",
    "version": "1.32",
    "network": {"cidr_block": "10.78.0.0/16"},
    "node_pool": {"name": "default", "machine_type": "e2-standard-2", "node_count": 1},
}
HERE = f"/gcp/kubernetes/clusters/{CLUSTER['name']}"


@pytest.fixture
def cluster(up):
    up.succeeded(up.call("POST", "/gcp/kubernetes/clusters", CLUSTER | {"credential_id": up.credential("gcp")}))
    yield
    up.succeeded(up.call("DELETE", HERE))


def versions(up):
    return {node["version"].removeprefix("v")[:4] for node in up.call("GET", f"{HERE}/nodes")["items"]}


def test_one_operation_of_the_command_line_goes_hop_by_hop_to_where_it_was_asked_to(up, cli, cluster):
    plan = up.call("PATCH", f"{HERE}?dry_run=true", {"version": "1.34"})
    assert [[step["key"] for step in hop["steps"]] for hop in plan["hops"]] == [["cluster", "node-pool/default"]] * 2
    assert "not-checked" not in {item["code"] for item in plan["findings"]}
    beyond = up.call("PATCH", f"{HERE}?dry_run=true", {"version": "1.35"})
    (told,) = [item["message"] for item in beyond["findings"] if item["code"] == "version_not_offered"]
    assert "The release channel regular does not offer Kubernetes 1.35" in told
    assert versions(up) == {"1.32"}
    said = cli("clusters", "upgrade", CLUSTER["name"], "--version", "1.34", "--yes")
    assert "hop 2: 1.33 -> 1.34" in said
    (upgrade,) = up.call("GET", f"/operations?kind=cluster.update&target_id={up.call('GET', HERE)['id']}")["items"]
    assert [(step["stage"], step["key"]) for step in upgrade["steps"]] == [
        (1, "cluster"), (1, "node-pool/default"), (2, "cluster"), (2, "node-pool/default"),
    ]  # fmt: skip
    first, second = ([step for step in upgrade["steps"] if step["stage"] == stage] for stage in (1, 2))
    assert max(step["ended_at"] for step in first) <= min(step["started_at"] for step in second)
    assert up.call("GET", HERE)["version"] == "1.34"
    assert versions(up) == {"1.34"}
