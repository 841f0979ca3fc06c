"""Clients nobody here wrote, run as a user would run them: a command line, the user's environment, the sandbox's endpoint."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from aws_shell import AwsShell


@pytest.fixture(scope="session")
def aws_tools() -> Path:
    """The folder of an aws CLI that runs; a shim of a version manager may be there and lead nowhere."""
    found = os.environ.get("SKYCLUST_TEST_AWS_CLI") or shutil.which("aws")
    if not found:
        pytest.skip("the aws CLI is not installed; it judges the simulated AWS where it is")
    answer = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=60, check=False)
    if answer.returncode != 0:
        pytest.skip(f"the aws CLI at {found} does not run: {answer.stderr.strip()}")
    return Path(found).parent


@pytest.fixture
def shell(aws_tools, sandbox_process, tmp_path) -> AwsShell:
    """A user's shell in front of an empty AWS, whose time moves by `pass_time`."""
    sandbox_process.control("POST", "reset")
    return AwsShell(sandbox_process, tmp_path, aws_tools)
