"""A user's shell in front of the simulated AWS, for clients that are programs of their own.

Used by tests/clients. Invariant: nothing of the developer's own AWS, terraform or kubectl settings reaches a command.
"""

import json
import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

from sandbox_fixtures import SandboxProcess
from soak import warm
from warm_fixtures import aws_script

REGION = "eu-west-1"


class AwsShell:
    """A shell whose AWS settings lead to the sandbox, at a home of its own."""

    def __init__(self, sandbox: SandboxProcess, home: Path, tools: Path | None = None) -> None:
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
        program, *arguments = shlex.split(line)
        env = {**self.environment, **environment}
        if program == "aws" and (script := aws_script()):
            return warm.run("aws", {"script": str(script)}, arguments, env=env, cwd=self.home, timeout=timeout)
        return subprocess.run(
            [program, *arguments], env=env, cwd=self.home, capture_output=True, text=True, timeout=timeout, check=False
        )

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
