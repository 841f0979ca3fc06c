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
    assert drives["identity"] == "needed"
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
