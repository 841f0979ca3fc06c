"""What is EKS's own about add-ons: roles, schemas, what runs on Fargate, and what an upgrade leaves behind."""

import asyncio
from dataclasses import replace

import pytest

from skyclust.contract.specs import AddonSpec
from skyclust.providers.aws.addons import inlined

REGION = "us-west-2"


@pytest.fixture
def told(aws, sandbox):
    """What a story with a session comes to."""

    def run(story):
        async def go():
            session = aws.connect(sandbox.credential, REGION)
            try:
                return await story(session)
            finally:
                await session.close()

        return asyncio.run(go())

    return run


def offers_of(aws, spec):
    async def story(session):
        return {offer.name: offer for offer in await aws.offered_addons(session, spec)}

    return story


def test_versions_are_those_of_the_clusters_version_newest_first(told, aws, make_cluster):
    old = told(offers_of(aws, make_cluster(version="1.31")))["coredns"]
    new = told(offers_of(aws, make_cluster(version="1.35")))["coredns"]
    assert [item.name for item in old.versions] == ["v1.11.4-eksbuild.2"]
    assert [item.name for item in new.versions] == ["v1.12.4-eksbuild.1"]
    network = told(offers_of(aws, make_cluster(version="1.33")))["vpc-cni"]
    assert [(item.name, item.default) for item in network.versions] == [
        ("v1.20.5-eksbuild.1", False), ("v1.20.4-eksbuild.1", True), ("v1.19.0-eksbuild.1", False),
    ]  # fmt: skip


def test_only_what_the_spec_configures_is_asked_its_schema(told, aws, sandbox, make_cluster):
    before = len(sandbox.calls("DescribeAddonConfiguration"))
    spec = make_cluster(addons=(AddonSpec("coredns", configuration={"replicaCount": 3}), AddonSpec("vpc-cni")))
    found = told(offers_of(aws, spec))
    assert found["coredns"].configuration["properties"]["replicaCount"] == {"type": "integer"}
    assert found["coredns"].configuration["additionalProperties"] is False
    assert found["vpc-cni"].configuration == {"type": "object"}
    assert len(sandbox.calls("DescribeAddonConfiguration")) == before + 1


def test_on_fargate_only_what_runs_there_is_offered(told, aws, pure, make_cluster):
    live = told(offers_of(aws, make_cluster(mode="fargate", node_pools=())))
    assert sorted(live) == ["coredns", "metrics-server"]
    assert [offer.name for offer in pure.addon_offers("1.34", "fargate")] == ["coredns", "metrics-server"]


def test_a_wish_stands_in_the_place_of_what_fargate_needs(pure, make_cluster):
    wishes = (AddonSpec("coredns", "v1.12.4-eksbuild.1", {"replicaCount": 3}), AddonSpec("metrics-server"))
    spec = make_cluster(mode="fargate", node_pools=(), addons=wishes)
    graph = pure.cluster_blueprint(spec)
    assert graph["addon/coredns"].spec["configuration"] == {"computeType": "Fargate", "replicaCount": 3}
    assert graph["addon/metrics-server"].depends_on == ("cluster", "fargate-profile/default")


def test_schemas_are_read_with_their_references_and_never_without_end():
    schema = {
        "$ref": "#/definitions/A",
        "definitions": {
            "A": {"type": "object", "properties": {"b": {"$ref": "#/definitions/B"}, "pattern": {"type": "string"}}},
            "B": {"type": "array", "items": {"$ref": "#/definitions/B"}, "pattern": r"\p{L}"},
        },
    }
    found = inlined(schema)
    assert found["properties"]["pattern"] == {"type": "string"}
    assert found["properties"]["b"]["items"]["type"] == "array"
    assert "pattern" not in found["properties"]["b"]


def test_version_settings_and_role_change_together_and_the_role_goes_again(sandbox, stacks, make_cluster, client):
    eks, iam = client("eks"), client("iam")

    async def story(make):
        stack = make()
        spec = await stack.provider.complete_cluster(stack.session, make_cluster())
        role = iam.create_role(RoleName="disks", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        seen = []
        for wish in (
            AddonSpec("aws-ebs-csi-driver", "v1.48.0-eksbuild.2"),
            AddonSpec("aws-ebs-csi-driver", "v1.51.0-eksbuild.1", {"controller": {"replicas": 2}}, role),
            AddonSpec("aws-ebs-csi-driver", None, {}, None),
        ):
            graph = stack.provider.cluster_blueprint(replace(spec, addons=(wish,)))
            operation = await stack.apply(graph)
            assert operation.state == "succeeded", operation.message
            assert stack.plan(graph).empty
            addon = eks.describe_addon(clusterName="shop", addonName="aws-ebs-csi-driver")["addon"]
            seen.append((addon["addonVersion"], addon["configurationValues"], addon.get("serviceAccountRoleArn")))
        fields = stack.row("addon/aws-ebs-csi-driver").fields
        upgrade = await stack.provider.preflight_upgrade(stack.session, spec, ("1.35",), {})
        eks.create_addon(clusterName="shop", addonName="coredns", addonVersion="v1.11.4-eksbuild.2")
        eks.create_addon(clusterName="shop", addonName="kube-proxy", addonVersion="v1.32.0-eksbuild.2")
        later = await stack.provider.preflight_upgrade(stack.session, spec, ("1.35",), {})
        return role, seen, fields, upgrade, [item.message for item in later]

    role, seen, fields, upgrade, later = stacks(story)
    assert seen == [
        ("v1.48.0-eksbuild.2", "{}", None),
        ("v1.51.0-eksbuild.1", '{"controller": {"replicas": 2}}', role),
        ("v1.51.0-eksbuild.1", "{}", None),
    ]
    assert fields["supports"] == ["1.31", "1.32", "1.33", "1.34", "1.35"]
    assert fields["newest"]["1.35"] == "v1.51.0-eksbuild.1"
    assert upgrade == ()
    assert "Take v1.12.4-eksbuild.1 first, which is made for 1.34 and 1.35" in later[0]
    assert "kube-proxy v1.32.0-eksbuild.2 is not made for Kubernetes 1.35" in later[1]
