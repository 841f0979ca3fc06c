"""`python -m checks [folder]`: run every rule over the committed and uncommitted files; exit 1 with findings."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from checks.rules import ALL
from checks.secrets import secrets_are_in_no_commit
from checks.source import Finding, Source
from checks.texts import what_belongs_to_no_commit

MAX_TEXT_BYTES = 2_000_000


def files(root: Path) -> list[str]:
    """Tracked and new files, ignored ones left out."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout  # noqa: S603
    return sorted(set(listed.splitlines()))


def check(path: str, text: str) -> list[Finding]:
    """Every finding in one file."""
    found = [*what_belongs_to_no_commit(path, text), *secrets_are_in_no_commit(path, text)]
    if path.endswith(".py") and path.startswith(("src/", "tests/", "checks/", "benchmarks/", "soak/", "migrations/")):
        source = Source.parse(path, text)
        found += [finding for rule in ALL for finding in rule(source)]
    return found


def main(root: Path) -> int:
    """Print findings; 0 when there are none."""
    found: list[Finding] = []
    for path in files(root):
        file = root / path
        if not file.is_file() or file.stat().st_size > MAX_TEXT_BYTES:
            continue
        raw = file.read_bytes()
        if b"\0" not in raw:
            found += check(path, raw.decode("utf-8", "replace"))
    for finding in found:
        print(finding)
    print(f"own rules: {len(found)} findings" if found else "own rules: clean")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path.cwd()))
