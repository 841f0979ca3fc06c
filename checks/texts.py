"""Rules over every committed file, not only Python: nothing of one machine, no registry host. secrets.py has the rest.

Pure: from (path, text) to findings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.source import Finding

#: What does not belong in a commit, and why.
PATTERNS = (
    (re.compile(r"(?<![\w.])/(?:root|home/[a-z]\w*|Users/[A-Z]\w*)/"), "machine-path", "names a path of one machine"),
    (re.compile(r"^\s*--(?:extra-)?index-url|^\s*--find-links", re.MULTILINE), "registry", "names a package index"),
    (re.compile(r'"resolved":\s*"https?://'), "registry", "names a package registry's host"),
)


def what_belongs_to_no_commit(path: str, text: str) -> Iterator[Finding]:
    """Findings of one committed text file."""
    if path.startswith(("checks/", "tests/checks/")):
        return
    for pattern, rule, message in PATTERNS:
        for match in pattern.finditer(text):
            yield Finding(path, text.count("\n", 0, match.start()) + 1, rule, message)
