"""The command line: verbs on nouns, over the same API as everyone else.

app.py       the tree of commands (loads each command's module only when it runs)
client.py    our API from a terminal: login, refresh, problems as sentences
output.py    tables, JSON, YAML
progress.py  operations drawn live
"""

from __future__ import annotations

import sys


def main() -> None:
    """Entry point of the `skyclust` command. Exit code 0 only on success."""
    from skyclust.entrypoints.cli.app import run

    sys.exit(run(sys.argv[1:]))
