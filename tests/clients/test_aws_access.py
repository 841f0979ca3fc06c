"""The aws CLI on who is calling and who may: credentials, roles, and the words of a refusal."""

import json

import pytest

pytestmark = pytest.mark.xdist_group("aws-cli")

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "eks.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)
POLICY = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"


def test_the_cli_knows_who_it_is_and_what_a_role_needs_before_it_goes(shell):
    assert shell("aws sts get-caller-identity")["Arn"].endswith(":user/sandbox")
    made = shell(f"aws iam create-role --role-name one --assume-role-policy-document '{TRUST}' --tags Key=a,Value=b")
    assert made["Role"]["AssumeRolePolicyDocument"] == json.loads(TRUST)
    shell(f"aws iam attach-role-policy --role-name one --policy-arn {POLICY}")
    attached = shell("aws iam list-attached-role-policies --role-name one")["AttachedPolicies"]
    assert attached == [{"PolicyName": "AmazonEKSClusterPolicy", "PolicyArn": POLICY}]
    assert "(DeleteConflict)" in shell.refused("aws iam delete-role --role-name one")
    shell(f"aws iam detach-role-policy --role-name one --policy-arn {POLICY}")
    shell("aws iam delete-role --role-name one")
    assert "(NoSuchEntity)" in shell.refused("aws iam get-role --role-name one")


@pytest.mark.parametrize(
    ("line", "environment", "told"),
    [
        ("ec2 describe-vpcs", {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE"}, "(AuthFailure) when calling the Describe"),
        ("eks list-clusters", {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE"}, "(UnrecognizedClientException)"),
        ("ec2 describe-vpcs", {"AWS_SECRET_ACCESS_KEY": "wrong"}, "(AuthFailure)"),
        ("eks list-clusters", {"AWS_SECRET_ACCESS_KEY": "wrong"}, "(InvalidSignatureException)"),
        ("sts get-caller-identity", {"AWS_SECRET_ACCESS_KEY": "wrong"}, "(SignatureDoesNotMatch)"),
        ("ec2 describe-vpcs --region xx-nowhere-1", {}, "There is no region 'xx-nowhere-1'."),
        ("ec2 describe-vpcs --vpc-ids vpc-0123456789abcdef0", {}, "(InvalidVpcID.NotFound)"),
        ("eks describe-cluster --name none", {}, "(ResourceNotFoundException) when calling the DescribeCluster"),
        ("pricing get-products --service-code AmazonEKS", {}, "does not simulate the service 'pricing'"),
    ],
)
def test_a_refusal_reads_as_the_service_words_it(shell, line, environment, told):
    assert told in shell.refused(f"aws {line}", **environment)
