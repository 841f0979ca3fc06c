import pytest
from botocore.exceptions import ClientError


def refusal(call, **arguments) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_cluster_is_creating_then_active_then_deleting_then_gone(sandbox, network, eks):
    made = eks.create_cluster(**network.cluster())["cluster"]
    assert made["status"] == "CREATING"
    assert "endpoint" not in made
    assert made["accessConfig"]["authenticationMode"] == "API"
    assert made["resourcesVpcConfig"]["vpcId"] == network.vpc
    assert refusal(eks.delete_cluster, name="one")[0] == "ResourceInUseException"
    sandbox.pass_time(1500)
    active = eks.describe_cluster(name="one")["cluster"]
    assert active["status"] == "ACTIVE"
    assert active["endpoint"].startswith("https://")
    assert active["certificateAuthority"]["data"]
    assert active["tags"] == {"skyclust:stack": "s1"}
    assert eks.delete_cluster(name="one")["cluster"]["status"] == "DELETING"
    sandbox.pass_time(600)
    assert refusal(eks.describe_cluster, name="one")[0] == "ResourceNotFoundException"
    assert sandbox.resources("network_interface") == []
    assert sandbox.resources("security_group") == []


def test_a_cluster_puts_interfaces_and_a_group_into_the_network(cluster, network, sandbox):
    group = cluster["resourcesVpcConfig"]["clusterSecurityGroupId"]
    described = network.ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
    tags = {tag["Key"]: tag["Value"] for tag in described["Tags"]}
    assert tags["aws:eks:cluster-name"] == "one"
    assert tags["kubernetes.io/cluster/one"] == "owned"
    assert len(sandbox.resources("network_interface")) == 2
    assert refusal(network.ec2.delete_subnet, SubnetId=network.subnets[0])[0] == "DependencyViolation"


def test_the_client_token_makes_creation_idempotent(network, eks):
    request = network.cluster(clientRequestToken="t1")
    first = eks.create_cluster(**request)["cluster"]
    assert eks.create_cluster(**request)["cluster"]["arn"] == first["arn"]
    assert eks.list_clusters()["clusters"] == ["one"]
    assert refusal(eks.create_cluster, **{**request, "version": "1.33"})[0] == "ResourceInUseException"
    assert refusal(eks.create_cluster, **network.cluster(clientRequestToken="t2"))[0] == "ResourceInUseException"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"version": "1.3"}, "1.34"),
        ({"name": "-bad"}, "name"),
        ({"resourcesVpcConfig": {"subnetIds": ["subnet-00000000", "subnet-11111111"]}}, "subnet-00000000"),
        ({"roleArn": "arn:aws:iam::123456789012:role/none"}, "role"),
        ({"accessConfig": {"authenticationMode": "PASSWORD"}}, "PASSWORD"),
    ],
)
def test_a_bad_cluster_is_refused_with_the_reason(network, eks, changes, said):
    code, message = refusal(eks.create_cluster, **network.cluster(**changes))
    assert code == "InvalidParameterException"
    assert said in message
    assert eks.list_clusters()["clusters"] == []


def test_subnets_in_one_zone_are_refused(network, eks):
    wrong = network.cluster(resourcesVpcConfig={"subnetIds": network.subnets[:1]})
    assert "two different AZs" in refusal(eks.create_cluster, **wrong)[1]


def test_a_node_group_brings_tagged_instances_and_scales(sandbox, network, cluster, eks):
    made = eks.create_nodegroup(**network.node_group())["nodegroup"]
    assert made["status"] == "CREATING"
    assert made["updateConfig"] == {"maxUnavailable": 1}
    sandbox.pass_time(400)
    assert eks.describe_nodegroup(clusterName="one", nodegroupName="pool")["nodegroup"]["status"] == "ACTIVE"
    machines = sandbox.resources("instance")
    assert len(machines) == 2
    assert machines[0]["tags"]["eks:nodegroup-name"] == "pool"
    assert refusal(eks.delete_cluster, name="one")[0] == "ResourceInUseException"
    wrong = {"minSize": 1, "maxSize": 2, "desiredSize": 3}
    scale = {"clusterName": "one", "nodegroupName": "pool"}
    assert refusal(eks.update_nodegroup_config, **scale, scalingConfig=wrong)[0] == "InvalidParameterException"
    update = eks.update_nodegroup_config(
        **scale, scalingConfig={"desiredSize": 3}, labels={"addOrUpdateLabels": {"a": "b"}}
    )["update"]
    sandbox.pass_time(200)
    told = eks.describe_update(name="one", updateId=update["id"], nodegroupName="pool")["update"]
    assert told["status"] == "Successful"
    assert len(sandbox.resources("instance")) == 3
    assert eks.describe_nodegroup(**scale)["nodegroup"]["labels"] == {"a": "b"}
    assert eks.delete_nodegroup(**scale)["nodegroup"]["status"] == "DELETING"
    sandbox.pass_time(700)
    assert sandbox.resources("instance") == []
    assert sandbox.resources("volume") == []
    assert eks.list_nodegroups(clusterName="one")["nodegroups"] == []


def test_a_bad_node_group_is_refused(network, cluster, eks):
    for changes in (
        {"scalingConfig": {"minSize": 1, "maxSize": 2, "desiredSize": 5}},
        {"instanceTypes": ["t3.banana"]},
        {"version": "1.35"},
        {"subnets": ["subnet-00000000"]},
        {"nodeRole": "arn:aws:iam::123456789012:role/none"},
    ):
        assert refusal(eks.create_nodegroup, **network.node_group(**changes))[0] == "InvalidParameterException"
    assert eks.list_nodegroups(clusterName="one")["nodegroups"] == []


def test_a_version_goes_up_one_minor_at_a_time(sandbox, network, eks):
    eks.create_cluster(**network.cluster(version="1.33"))
    sandbox.pass_time(1500)
    assert refusal(eks.update_cluster_version, name="one", version="1.35")[0] == "InvalidParameterException"
    update = eks.update_cluster_version(name="one", version="1.34")["update"]
    assert eks.describe_cluster(name="one")["cluster"]["status"] == "UPDATING"
    assert refusal(eks.update_cluster_version, name="one", version="1.34")[0] == "ResourceInUseException"
    sandbox.pass_time(1500)
    assert eks.describe_update(name="one", updateId=update["id"])["update"]["status"] == "Successful"
    assert eks.list_updates(name="one")["updateIds"] == [update["id"]]
    assert eks.describe_cluster(name="one")["cluster"]["version"] == "1.34"


def test_fargate_addons_access_entries_and_tags(sandbox, network, cluster, eks):
    eks.create_fargate_profile(
        clusterName="one", fargateProfileName="f", podExecutionRoleArn=network.role, selectors=[{"namespace": "x"}]
    )
    eks.create_addon(clusterName="one", addonName="vpc-cni")
    entry = eks.create_access_entry(clusterName="one", principalArn=network.role, type="EC2_LINUX")["accessEntry"]
    policy = eks.list_access_policies()["accessPolicies"][0]["arn"]
    eks.associate_access_policy(
        clusterName="one", principalArn=network.role, policyArn=policy, accessScope={"type": "cluster"}
    )
    told = eks.list_associated_access_policies(clusterName="one", principalArn=network.role)["associatedAccessPolicies"]
    assert [item["policyArn"] for item in told] == [policy]
    sandbox.pass_time(300)
    assert (
        eks.describe_fargate_profile(clusterName="one", fargateProfileName="f")["fargateProfile"]["status"] == "ACTIVE"
    )
    assert eks.describe_addon(clusterName="one", addonName="vpc-cni")["addon"]["status"] == "ACTIVE"
    assert {row["kind"] for row in sandbox.resources()} >= {
        "fargate_profile",
        "access_entry",
        "addon",
        "cluster",
        "role",
    }
    assert refusal(eks.delete_cluster, name="one")[0] == "ResourceInUseException"
    eks.tag_resource(resourceArn=cluster["arn"], tags={"more": "yes"})
    eks.untag_resource(resourceArn=cluster["arn"], tagKeys=["skyclust:stack"])
    assert eks.list_tags_for_resource(resourceArn=cluster["arn"])["tags"] == {"more": "yes"}
    eks.delete_access_entry(clusterName="one", principalArn=entry["principalArn"])
    assert (
        refusal(eks.describe_access_entry, clusterName="one", principalArn=network.role)[0]
        == "ResourceNotFoundException"
    )


def test_the_catalogue_names_versions_and_addons(eks):
    versions = eks.describe_cluster_versions()["clusterVersions"]
    assert [item["clusterVersion"] for item in versions if item["defaultVersion"]] == ["1.34"]
    addons = eks.describe_addon_versions(addonName="coredns", kubernetesVersion="1.34")["addons"]
    assert addons[0]["addonVersions"][0]["compatibilities"][0]["clusterVersion"] == "1.34"


def test_lists_page(network, eks):
    for name in ("a", "b", "c"):
        eks.create_cluster(**network.cluster(name))
    pages = list(eks.get_paginator("list_clusters").paginate(PaginationConfig={"PageSize": 2}))
    assert [page["clusters"] for page in pages] == [["a", "b"], ["c"]]


def test_a_service_account_speaks_as_one_role(network, cluster, eks):
    subject = {"clusterName": "one", "namespace": "shop", "serviceAccount": "app"}
    nobody = network.role.replace("cluster-role", "nobody")
    assert refusal(eks.create_pod_identity_association, **subject, roleArn=nobody)[0] == "InvalidParameterException"
    made = eks.create_pod_identity_association(**subject, roleArn=network.role)["association"]
    assert refusal(eks.create_pod_identity_association, **subject, roleArn=network.role)[0] == "ResourceInUseException"
    found = {"clusterName": "one", "associationId": made["associationId"]}
    assert eks.describe_pod_identity_association(**found)["association"]["roleArn"] == network.role
    listed = eks.list_pod_identity_associations(clusterName="one", namespace="shop")["associations"]
    assert [item["associationArn"] for item in listed] == [made["associationArn"]]
    assert eks.list_pod_identity_associations(clusterName="one", namespace="else")["associations"] == []
    eks.delete_pod_identity_association(**found)
    assert refusal(eks.describe_pod_identity_association, **found)[0] == "ResourceNotFoundException"
