"""The main job through the HTTP door: three clouds at once, seen by kubectl, deleted without a trace."""

import shutil
import subprocess

import pytest

EKS = {
    "name": "journey-eks",
    "region": "us-west-2",
    "network": {"cidr_block": "10.0.0.0/16", "zones": 2},
    "node_pool": {"name": "default", "machine_type": "t3.medium", "node_count": 3},
}
GKE = {
    "name": "journey-gke",
    "region": "asia-northeast3",
    "network": {"cidr_block": "10.1.0.0/16"},
    "node_pool": {"name": "default", "machine_type": "e2-standard-2", "node_count": 1},
}
AKS = {
    "name": "journey-aks",
    "region": "koreacentral",
    "network": {"cidr_block": "10.2.0.0/16"},
    "node_pool": {"name": "web-workers", "machine_type": "Standard_D2s_v5", "node_count": 2},
}
BODIES = {"aws": EKS, "azure": AKS, "gcp": GKE}


def path(provider: str) -> str:
    return f"/{provider}/kubernetes/clusters"


def test_three_clouds_at_once_from_plan_to_nothing(up, tmp_path):
    before = {provider: up.resources(provider) for provider in BODIES}
    decoys = {provider: up.act(provider, "plant_decoys", region=body["region"]) for provider, body in BODIES.items()}
    assert all(decoys.values())
    planted = {provider: {row["id"] for row in up.resources(provider)} for provider in BODIES}
    assert all(len(planted[provider]) > len(before[provider]) for provider in BODIES)

    bodies = {provider: body | {"credential_id": up.credential(provider)} for provider, body in BODIES.items()}
    plans = {provider: up.call("POST", f"{path(provider)}?dry_run=true", body) for provider, body in bodies.items()}
    for plan in plans.values():
        assert plan["ok"]
        assert plan["usd_per_month"] > 50
        assert plan["expected_seconds"] > 200
        assert {change["verb"] for change in plan["changes"]} == {"create"}
        assert all(change["price"]["source"] for change in plan["changes"] if change["usd_per_month"])
    assert {row["id"] for row in up.resources("aws")} == planted["aws"], "a dry run made something"

    operations = {
        provider: up.call("POST", path(provider), body | {"plan_digest": plans[provider]["digest"]})
        for provider, body in bodies.items()
    }
    for operation in operations.values():
        done = up.succeeded(operation)
        assert done["progress"]["percent"] == 100
        assert all(step["state"] == "succeeded" for step in done["steps"])

    clusters = {
        item["name"]: item for item in up.call("GET", "/clusters")["items"] if item["name"].startswith("journey")
    }
    assert {cluster["state"] for cluster in clusters.values()} == {"ready"}
    for provider, body in BODIES.items():
        cluster = clusters[body["name"]]
        assert cluster["endpoint"].startswith("https://")
        assert cluster["network"]["vpc_id"]
        assert cluster["cost"]["usd_per_month"] == pytest.approx(plans[provider]["usd_per_month"], rel=0.01)
        again = up.call("GET", f"{path(provider)}/{body['name']}/plan")
        assert all(change["verb"] in ("keep", "read") for change in again["changes"]), again["changes"]
        see_nodes_with_kubectl(up, provider, body["name"], tmp_path)

    deletions = [up.call("DELETE", f"{path(provider)}/{body['name']}") for provider, body in BODIES.items()]
    for operation in deletions:
        up.succeeded(operation)
    for provider in BODIES:
        left = {row["id"] for row in up.resources(provider)}
        assert left == planted[provider], [row for row in up.resources(provider) if row["id"] not in planted[provider]]
    gone = [item for item in up.call("GET", "/clusters")["items"] if item["name"].startswith("journey")]
    assert gone == []


def see_nodes_with_kubectl(up, provider, name, tmp_path):
    kubectl = shutil.which("kubectl")
    text = up.call("GET", f"{path(provider)}/{name}/kubeconfig?auth=token")
    file = tmp_path / f"{name}.yaml"
    file.write_text(text)
    if kubectl is None:
        return
    done = subprocess.run(
        [kubectl, "--kubeconfig", str(file), "get", "nodes", "-o", "name"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) == BODIES[provider]["node_pool"]["node_count"]  # of the whole pool, on every cloud


def test_a_network_with_a_foreign_instance_is_refused_before_anything_is_touched(up):
    credential = up.credential("aws")
    body = {"credential_id": credential, "name": "shared", "region": "eu-west-1", "cidr_block": "10.20.0.0/16"}
    up.succeeded(up.call("POST", "/aws/network/vpcs", body))
    network = next(item for item in up.call("GET", "/networks")["items"] if item["name"] == "shared")
    subnet = {"credential_id": credential, "vpc_id": network["id"], "name": "a", "cidr_block": "10.20.1.0/24"}
    up.succeeded(up.call("POST", "/aws/network/subnets", subnet | {"availability_zone": "eu-west-1a"}))
    foreign = up.act("aws", "plant_instance", network_id=network["external_id"])["id"]
    before = up.resources("aws")

    preview = up.call("GET", f"/aws/network/vpcs/{network['id']}:deletion-plan")
    assert foreign in {item["external_id"] for item in preview["inventory"] if item["origin"] == "foreign"}
    with pytest.raises(Exception, match=foreign) as refused:
        up.call("DELETE", f"/aws/network/vpcs/{network['id']}")
    assert refused.value.status == 409
    assert up.resources("aws") == before

    up.act("aws", "delete_resource", id=foreign)
    up.succeeded(up.call("DELETE", f"/aws/network/vpcs/{network['id']}"))
    assert not [row for row in up.resources("aws") if row["region"] == "eu-west-1" and not row["decoy"]]


def test_what_kubernetes_left_behind_goes_with_the_network(up):
    credential = up.credential("aws")
    network = {
        "credential_id": credential,
        "name": "lb",
        "region": "eu-west-2",
        "cidr_block": "10.30.0.0/16",
        "carve": True,
    }
    up.succeeded(up.call("POST", "/aws/network/vpcs", network))
    made = next(item for item in up.call("GET", "/networks")["items"] if item["name"] == "lb")
    cluster = EKS | {"credential_id": credential, "name": "leaver", "region": "eu-west-2"}
    cluster["network"] = {"vpc_id": made["external_id"]}
    up.succeeded(up.call("POST", path("aws"), cluster))
    left = up.act("aws", "kubernetes_leftovers", cluster="leaver")
    up.act("aws", "delete_resource", id="leaver")  # by hand, so that nobody sweeps before the network goes
    up.succeeded(up.call("DELETE", f"{path('aws')}/leaver?region=eu-west-2"))
    up.succeeded(up.call("DELETE", f"/aws/network/vpcs/{made['id']}"))
    remaining = [row for row in up.resources("aws") if row["region"] == "eu-west-2"]
    assert remaining == [], (left, remaining)
