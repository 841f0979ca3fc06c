"""A user's gcloud in front of the simulated Google Cloud: signed in with the key file, at a home of its own.

Used by tests/providers/gcp. Invariant: nothing of the developer's own gcloud settings reaches a command.
"""

import json
import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest


class GcloudShell:
    """Runs gcloud's own commands. `ready` is what the sandbox told of its Google Cloud."""

    def __init__(self, program: str, ready: dict[str, str], home: Path) -> None:
        self._program = program
        self._home = home
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("CLOUDSDK_", "GOOGLE_"))}
        endpoint = ready["endpoint"]
        self._environment = {
            **kept,
            "CLOUDSDK_CONFIG": str(home / "gcloud"),
            "CLOUDSDK_CORE_PROJECT": ready["project"],
            "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
            "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "1",
            "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "1",
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE": f"{endpoint}/compute/v1/",
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_CONTAINER": f"{endpoint}/",
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_SERVICEUSAGE": f"{endpoint}/",
            "KUBECONFIG": str(home / "kubeconfig"),
        }
        self(f"auth activate-service-account --key-file {ready['service_account_file']}")

    def run(self, line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self._program, *shlex.split(line), "--format=json"], env=self._environment, cwd=self._home,
            capture_output=True, text=True, timeout=180, check=False,
        )  # fmt: skip

    def __call__(self, line: str) -> Any:
        """What the command printed."""
        done = self.run(line)
        assert done.returncode == 0, f"gcloud {line}\n{done.stderr}"
        return json.loads(done.stdout) if done.stdout.strip() else None

    def refused(self, line: str) -> str:
        """What the command said when it failed, as it must."""
        done = self.run(line)
        assert done.returncode != 0, f"gcloud {line} went through:\n{done.stdout}"
        return done.stderr.strip()


def installed_gcloud() -> str:
    """gcloud's path."""
    found = os.environ.get("SKYCLUST_TEST_GCLOUD") or shutil.which("gcloud")
    if not found:
        pytest.skip("gcloud is not installed; it judges the simulated Google Cloud where it is")
    return found
