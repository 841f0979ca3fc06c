"""The aws CLI on EKS, through its own waiters, and kubectl through the CLI's own credential plug-in."""

import json
import shutil

import pytest

pytestmark = pytest.mark.xdist_group("aws-cli")

VIEW = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"


@pytest.fixture
def placed(shell):
    """(two subnets in two zones, a role) as a cluster needs them."""
    vpc = shell("aws ec2 create-vpc --cidr-block 10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        shell(
            f"aws ec2 create-subnet --vpc-id {vpc} --cidr-block 10.0.{n}.0/24 --availability-zone eu-west-1{zone}"
        )["Subnet"]["SubnetId"]
        for n, zone in enumerate("ab")
    ]  # fmt: skip
    role = shell("aws iam create-role --role-name eks --assume-role-policy-document '{}'")["Role"]["Arn"]
    return subnets, role


def test_a_cluster_lives_its_whole_life_at_the_command_line(shell, placed):
    subnets, role = placed
    line = f"aws eks create-cluster --name one --kubernetes-version 1.33 --role-arn {role} --tags a=b"
    line = f"{line} --access-config authenticationMode=API --resources-vpc-config subnetIds={','.join(subnets)}"
    assert shell(line)["cluster"]["status"] == "CREATING"
    assert "Cluster already exists with name: one" in shell.refused(line)
    pool = "--cluster-name one --nodegroup-name pool"
    create = f"aws eks create-nodegroup {pool} --subnets {' '.join(subnets)} --node-role {role}"
    create = f"{create} --instance-types t3.large --scaling-config minSize=1,maxSize=4,desiredSize=2"
    assert "Cluster 'one' is not in ACTIVE status" in shell.refused(create)
    shell.pass_time(1500)
    shell("aws eks wait cluster-active --name one")
    assert shell("aws eks list-clusters --output text") == "CLUSTERS\tone"

    shell(f"{create} --taints key=only,value=these,effect=NO_SCHEDULE --labels team=red")
    shell.pass_time(600)
    shell(f"aws eks wait nodegroup-active {pool}")
    _kubectl_sees_nodes(shell, 2)
    update = shell(f"aws eks update-nodegroup-config {pool} --scaling-config minSize=1,maxSize=4,desiredSize=3")
    assert update["update"]["status"] == "InProgress"
    shell.pass_time(600)
    scaled = shell(f"aws eks describe-nodegroup {pool}")["nodegroup"]
    assert (scaled["scalingConfig"]["desiredSize"], scaled["labels"]) == (3, {"team": "red"})
    machines = "aws ec2 describe-instances --filters Name=tag:eks:nodegroup-name,Values=pool --output text"
    assert len(shell(f"{machines} --query 'Reservations[].Instances[].InstanceId'").split()) == 3

    upgrade = shell("aws eks update-cluster-version --name one --kubernetes-version 1.34")["update"]
    shell.pass_time(3000)
    done = shell(f"aws eks describe-update --name one --update-id {upgrade['id']} --query update.[type,status]")
    assert done == ["VersionUpdate", "Successful"]

    assert "Cluster has nodegroups attached" in shell.refused("aws eks delete-cluster --name one")
    shell(f"aws eks delete-nodegroup {pool}")
    shell.pass_time(900)
    shell(f"aws eks wait nodegroup-deleted {pool}")
    assert shell("aws eks delete-cluster --name one")["cluster"]["status"] == "DELETING"
    shell.pass_time(900)
    shell("aws eks wait cluster-deleted --name one")
    assert "No cluster found for name: one." in shell.refused("aws eks describe-cluster --name one")


def _kubectl_sees_nodes(shell, count: int) -> None:
    """With the kubeconfig and the token of the CLI itself."""
    if not shutil.which("kubectl"):
        return
    context = shell("aws eks update-kubeconfig --name one")
    assert context.startswith("Added new context arn:aws:eks:eu-west-1:")
    nodes = shell("kubectl get nodes -o json")["items"]
    assert [node["spec"]["taints"][0]["key"] for node in nodes] == ["only"] * count
    stranger = shell.refused("kubectl get nodes", AWS_SECRET_ACCESS_KEY="wrong")
    assert "Unauthorized" in stranger or "logged in" in stranger


def test_who_may_enter_and_what_is_added_to_a_cluster(shell, placed):
    subnets, role = placed
    config = json.dumps({"subnetIds": subnets})
    access = "--access-config authenticationMode=API_AND_CONFIG_MAP"
    shell(f"aws eks create-cluster --name two --role-arn {role} {access} --resources-vpc-config '{config}'")
    shell.pass_time(1500)
    principal = f"--cluster-name two --principal-arn {role}"
    shell(f"aws eks create-access-entry {principal}")
    shell(f"aws eks associate-access-policy {principal} --policy-arn {VIEW} --access-scope type=namespace,namespaces=a")
    listed = shell(f"aws eks list-associated-access-policies {principal}")["associatedAccessPolicies"]
    assert [(row["policyArn"], row["accessScope"]["namespaces"]) for row in listed] == [(VIEW, ["a"])]
    entries = shell("aws eks list-access-entries --cluster-name two --page-size 1")["accessEntries"]
    assert entries == sorted([role, shell("aws sts get-caller-identity")["Arn"]])

    newest = "'addons[0].addonVersions[0].addonVersion'"
    versions = "aws eks describe-addon-versions --addon-name vpc-cni --kubernetes-version 1.34 --output text"
    version = shell(f"{versions} --query {newest}")
    addon = "--cluster-name two --addon-name vpc-cni"
    assert shell(f"aws eks create-addon {addon} --addon-version {version}")["addon"]["status"] == "CREATING"
    shell.pass_time(300)
    shell(f"aws eks wait addon-active {addon}")
    assert shell("aws eks list-addons --cluster-name two")["addons"] == ["vpc-cni"]
