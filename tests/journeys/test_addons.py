"""An add-on of EKS over API and command line; a client nobody here wrote is the witness."""

import json

import boto3
import pytest

NAME, REGION = "journey-addons", "eu-west-1"
CLUSTER = {
    "name": NAME,
    "region": REGION,
    "version": "1.34",
    "network": {"cidr_block": "10.79.0.0/16"},
    "node_pool": {"name": "default", "machine_type": "t3.medium", "node_count": 1},
    "addons": [{"name": "coredns", "version": "v1.11.4-eksbuild.2"}],
}
HERE = f"/aws/kubernetes/clusters/{NAME}"


@pytest.fixture
def eks(up):
    up.succeeded(up.call("POST", "/aws/kubernetes/clusters", CLUSTER | {"credential_id": up.credential("aws")}))
    told = up.ready["sandbox"]["aws"]
    yield boto3.client(
        "eks", endpoint_url=told["endpoint"], region_name=REGION,
        aws_access_key_id=told["access_key"], aws_secret_access_key=told["secret_key"],
    )  # fmt: skip
    up.succeeded(up.call("DELETE", HERE))


def test_addons_are_installed_seen_through_an_upgrade_and_removed(up, cli, eks, tmp_path):
    (dns,) = up.call("GET", f"{HERE}/addons")["items"]
    assert (dns["version"], dns["newer_version"], dns["compatible"]) == (
        "v1.11.4-eksbuild.2", "v1.12.4-eksbuild.1", True,
    )  # fmt: skip
    assert (dns["next_version"], dns["compatible_next"], dns["version_for_next"]) == (
        "1.35", False, "v1.12.4-eksbuild.1",
    )  # fmt: skip
    plan = up.call("PATCH", f"{HERE}?dry_run=true", {"version": "1.35"})
    (told,) = [item["message"] for item in plan["findings"] if item["code"] == "addon-unsupported"]
    assert "coredns v1.11.4-eksbuild.2 is not made for Kubernetes 1.35" in told
    assert "Take v1.12.4-eksbuild.1 first" in told

    offers = json.loads(cli("addons", "available", NAME, "--output", "json"))
    (drives,) = [item for item in offers if item["name"] == "aws-ebs-csi-driver"]
    assert (drives["identity"], drives["present"]) == ("needed", False)
    eks.create_addon(clusterName=NAME, addonName="metrics-server")
    assert [item["name"] for item in up.call("GET", f"{HERE}/addon-offers")["items"] if item["present"]] == [
        "coredns", "metrics-server",
    ]  # fmt: skip
    assert "did not install it" in cli("addons", "install", NAME, "metrics-server", "--yes", code=1)
    eks.delete_addon(clusterName=NAME, addonName="metrics-server")
    eks.get_waiter("addon_deleted").wait(clusterName=NAME, addonName="metrics-server", WaiterConfig={"Delay": 1})
    settings = tmp_path / "settings.json"
    settings.write_text('{"tolerations": []}')
    said = cli("addons", "install", NAME, "eks-pod-identity-agent", "--configuration", str(settings), "--yes")
    assert "add-on eks-pod-identity-agent" in said
    assert sorted(eks.list_addons(clusterName=NAME)["addons"]) == ["coredns", "eks-pod-identity-agent"]
    made = eks.describe_addon(clusterName=NAME, addonName="eks-pod-identity-agent")["addon"]
    assert (made["status"], json.loads(made["configurationValues"])) == ("ACTIVE", {"tolerations": []})
    assert made["tags"]["skyclust:name"] == NAME
    settings.write_text('{"banana": 1}')
    refused = cli("addons", "update", NAME, "coredns", "--configuration", str(settings), "--yes", code=1)
    assert "banana" in refused
    cli("addons", "update", NAME, "coredns", "--version", "v1.12.4-eksbuild.1", "--yes")
    assert eks.describe_addon(clusterName=NAME, addonName="coredns")["addon"]["addonVersion"] == "v1.12.4-eksbuild.1"
    assert "eks-pod-identity-agent" in cli("addons", "list", NAME)
    cli("addons", "remove", NAME, "eks-pod-identity-agent", "--yes")
    assert eks.list_addons(clusterName=NAME)["addons"] == ["coredns"]


SWITCHES = {
    "gcp": ("europe-west1", "e2-standard-2", "httpLoadBalancing", "dnsCacheConfig"),
    "azure": ("koreacentral", "Standard_D2s_v5", "snapshotController", "azurepolicy"),
}


@pytest.mark.parametrize("cloud", SWITCHES)
def test_switches_of_a_cluster_are_addons_too(up, cloud):
    region, machine, there, asked = SWITCHES[cloud]
    name = f"switches-{cloud}"
    here = f"/{cloud}/kubernetes/clusters/{name}"
    body = {
        "name": name, "region": region, "version": "1.34", "credential_id": up.credential(cloud),
        "network": {"cidr_block": "10.80.0.0/16"},
        "node_pool": {"name": "default", "machine_type": machine, "node_count": 1},
    }  # fmt: skip

    def shown():
        return {item["name"]: item for item in up.call("GET", f"{here}/addons")["items"]}

    up.succeeded(up.call("POST", f"/{cloud}/kubernetes/clusters", body))
    before = shown()
    assert (before[there]["state"], before[there]["managed"], before[there]["compatible"]) == ("ready", False, True)
    assert asked not in before
    up.succeeded(up.call("POST", f"{here}/addons", {"name": asked}))
    assert (shown()[asked]["state"], shown()[asked]["managed"], shown()[asked]["version"]) == ("ready", True, None)
    up.succeeded(up.call("DELETE", f"{here}/addons/{there}"))
    assert shown().keys() == before.keys() - {there} | {asked}
    assert {line["verb"] for line in up.call("GET", f"{here}/plan")["changes"]} <= {"keep", "read"}
    up.succeeded(up.call("DELETE", here))
