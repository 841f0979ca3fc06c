"""Interpreters that are warm for the whole run, whatever the number of workers: see soak/warm.py.

Loaded by tests/conftest.py. Hundreds of processes start in the tests, and most of each start is imports.
"""

import functools
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from soak.warm import interpreters

AWS = ("awscli.clidriver", "awscli.handlers", "botocore.httpsession", "botocore.parsers", "botocore.signers")


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    script = aws_script()
    running = interpreters({"aws": (_interpreter_of(script), AWS)} if script else {})
    running.__enter__()
    config.add_cleanup(lambda: running.__exit__(None, None, None))


@functools.cache
def aws_script() -> Path | None:
    """The aws CLI itself, where it is a program in Python: a version manager may have put a shim in front of it."""
    found = os.environ.get("SKYCLUST_TEST_AWS_CLI") or shutil.which("aws")
    if found and "pyenv" in found and not _interpreter_of(Path(found)):
        told = subprocess.run(["pyenv", "which", "aws"], capture_output=True, text=True, timeout=30, check=False)
        found = told.stdout.strip()
    return Path(found) if found and _interpreter_of(Path(found)) else None


def _interpreter_of(script: Path) -> str:
    """What runs it, if that is a Python."""
    with script.open("rb") as file:
        first = file.readline().decode(errors="replace").strip()
    return first.removeprefix("#!") if first.startswith("#!/") and first.endswith(("python", "python3")) else ""
