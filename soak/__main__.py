"""`python -m soak PART [option ...]`: run one part, or `all` as `make soak` does. Exit 1: a promise was broken.

A part is a module of this package with `run(arguments) -> exit code` that prints, last, one line with its figures.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Mapping, Sequence

#: What each part is, in the order of `all`.
PARTS: Mapping[str, str] = {
    "sim": "the real engine on the simulated cloud, seed after seed (soak/sim.py)",
    "kill": "real processes, killed and stopped at seeded moments (soak/kill.py)",
    "nth": "every single call of every blueprint gone wrong (soak/nth.py)",
    "record": "write histories in flight for later versions to finish (soak/record.py)",
}
#: What `make soak` runs.
FULL: Mapping[str, Sequence[str]] = {
    "sim": ("--seeds", "100000"),
    "kill": ("--seeds", "500", "--jobs", "3"),  # mostly waiting: three installations keep two cores busy
    "nth": ("--together", "8"),  # every call in every way; one at a time takes hours more
}


def main(arguments: Sequence[str]) -> int:
    """Dispatch. Parts that this checkout does not hold are told, never counted as passed in silence."""
    name, *rest = arguments or ["help"]
    if name == "all":
        return _all()
    if name not in PARTS or not _exists(name):
        print(__doc__)
        print("\n".join(f"  {part:8} {what}" for part, what in PARTS.items() if _exists(part)))
        return 0 if name in ("help", "-h", "--help") else 2
    return _run(name, rest)


def _all() -> int:
    missing = [name for name in FULL if not _exists(name)]
    broken = [name for name, rest in FULL.items() if name not in missing and _run(name, rest) != 0]
    print(f"soak: {'BROKEN: ' + ', '.join(broken) if broken else 'no promise was broken'}")
    if missing:
        print(f"soak: not run, because this checkout has no {', '.join(missing)}")
    return 1 if broken or missing else 0


def _run(name: str, arguments: Sequence[str]) -> int:
    code: int = importlib.import_module(f"soak.{name}").run(list(arguments))
    return code


def _exists(name: str) -> bool:
    return importlib.util.find_spec(f"soak.{name}") is not None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
