"""terraform with the AWS provider: a network, a cluster and its access, planned, made, changed and destroyed.

Runs where SKYCLUST_TEST_TERRAFORM_PLUGINS names a filesystem mirror that has hashicorp/aws ("Provider Installation" of
terraform's CLI documentation tells how to make one): a download of the provider in the middle of a test is no test.
"""

import os
import re
import shutil
from pathlib import Path

import pytest

from aws_shell import AwsShell

PLUGINS = os.environ.get("SKYCLUST_TEST_TERRAFORM_PLUGINS", "")
CONFIGURATION = Path(__file__).with_name("cluster.tf")
FAST = 300

pytestmark = [
    pytest.mark.xdist_group("terraform"),
    pytest.mark.skipif(not shutil.which("terraform"), reason="terraform is not installed; it judges the simulated AWS"),
    pytest.mark.skipif(
        not list(Path(PLUGINS or os.devnull).glob("registry.terraform.io/hashicorp/aws/*")),
        reason="SKYCLUST_TEST_TERRAFORM_PLUGINS does not name a filesystem mirror with terraform's hashicorp/aws",
    ),
]


@pytest.fixture
def terraform(start_sandbox, tmp_path):
    """`terraform(arguments)` in a folder with the configuration, initialised; its clock runs, as terraform waits itself."""
    shutil.copy(CONFIGURATION, tmp_path)
    settings = tmp_path / "terraform.rc"
    settings.write_text(
        f'disable_checkpoint = true\nprovider_installation {{\n  filesystem_mirror {{ path = "{PLUGINS}" }}\n}}\n'
    )
    shell = AwsShell(start_sandbox(speed=FAST), tmp_path)

    def run(arguments: str) -> str:
        done = shell.run(f"terraform {arguments} -no-color", timeout=200, TF_CLI_CONFIG_FILE=str(settings))
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr
        return done.stdout

    run("init")
    return run


@pytest.mark.timeout(600)
def test_terraform_makes_changes_and_destroys_a_cluster_and_sees_no_drift(terraform):
    made = terraform("apply -auto-approve")
    resources = len(re.findall(r"^\S+: Creation complete", made, re.MULTILINE))
    assert resources > 25
    assert f"Apply complete! Resources: {resources} added, 0 changed, 0 destroyed." in made
    assert 'offered = "v1.20.4-eksbuild.1"' in made

    assert "Plan: 0 to add, 2 to change, 0 to destroy." in terraform(
        "apply -auto-approve -var desired=3 -var kubernetes=1.34"
    )
    assert "No changes." in terraform("plan -detailed-exitcode -var desired=3 -var kubernetes=1.34")

    assert f"Destroy complete! Resources: {resources} destroyed." in terraform("destroy -auto-approve")
