"""Answers that a browser saves and never shows: exports and kubeconfigs. Called by routes that answer a file.

Invariant: the name of the file cannot leave its header, its folder or its kind, whatever things are called.
"""

from __future__ import annotations

import re

MAX_LENGTH = 100


def attachment(name: str, extension: str) -> dict[str, str]:
    """The header for `<name>.<extension>`; of the name what every file system takes is kept."""
    safe = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")[:MAX_LENGTH] or "download"
    return {"Content-Disposition": f'attachment; filename="{safe}.{extension}"'}
