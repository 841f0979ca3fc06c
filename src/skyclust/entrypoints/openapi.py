"""`python -m skyclust.entrypoints.openapi`: the API's description, as the console's client is generated from it.

Pure but for printing; needs no server. The same routes give the same bytes on every machine.
"""

from __future__ import annotations

import json
import sys

from skyclust.entrypoints.api import described_app


def document() -> str:
    """The OpenAPI document as JSON with sorted keys."""
    return json.dumps(described_app().openapi(), sort_keys=True, ensure_ascii=False, separators=(",", ":")) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
