"""Clients nobody here wrote, run as a user would run them: a command line, the user's environment, the sandbox's endpoint."""

import json
import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

REGION = "eu-west-1"


class AwsShell:
    """A shell whose AWS settings lead to the sandbox, at a home of its own."""

    def __init__(self, sandbox, home: Path, tools: Path | None = None) -> None:
        aws = sandbox.ready["aws"]
        self.sandbox = sandbox
        self.home = home
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_", "KUBE"))}
        path = os.pathsep.join(filter(None, [str(tools or ""), kept["PATH"]]))
        self.environment = {
            **kept,
            "PATH": path,
            "AWS_ACCESS_KEY_ID": aws["access_key"],
            "AWS_CONFIG_FILE": str(home / "config"),
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": aws["endpoint"],
            "AWS_MAX_ATTEMPTS": "1",
            "AWS_PAGER": "",
            "AWS_SECRET_ACCESS_KEY": aws["secret_key"],
            "AWS_SHARED_CREDENTIALS_FILE": str(home / "credentials"),
            "KUBECONFIG": str(home / "kubeconfig"),
        }

    def run(self, line: str, *, timeout: float = 60, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            shlex.split(line), env={**self.environment, **environment}, cwd=self.home,
            capture_output=True, text=True, timeout=timeout, check=False,
        )  # fmt: skip

    def __call__(self, line: str, **environment: str) -> Any:
        """What the command printed, parsed where it is JSON."""
        done = self.run(line, **environment)
        assert done.returncode == 0, f"{line}\n{done.stderr}"
        return json.loads(done.stdout) if done.stdout.startswith(("[", "{")) else done.stdout.strip()

    def refused(self, line: str, **environment: str) -> str:
        """What the command said when it failed, as it must."""
        done = self.run(line, **environment)
        assert done.returncode != 0, f"{line} went through:\n{done.stdout}"
        return done.stderr.strip()

    def pass_time(self, seconds: float) -> None:
        self.sandbox.control("POST", "clock", {"advance_seconds": seconds})


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
