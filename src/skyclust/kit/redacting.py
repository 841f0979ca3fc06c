"""Secrets out of texts, at the last moment before a text leaves: into the log, an answer, an operation's story.

Called by logs.py, problems.py, the engine and the sweeps; `remember` by whoever opens a secret. Two nets: the very
values that this process has opened, and what looks like a secret whoever made it. Invariant: takes time in proportion
to the text, however many values are known.
"""

from __future__ import annotations

import base64
import re
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import quote

REDACTED = "[redacted]"
#: Shorter values occur in ordinary words; no real secret is that short.
SHORTEST = 6
MAX_KNOWN = 50_000

_SHAPES = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"  # a signed token
    r"|\bya29\.[\w.-]{10,}"  # Google's access tokens
    r"|\bskyclust_[\w-]{20,}"  # ours
    r"|(?<=://)[^\s/:@]*:[^\s/@]+(?=@)"  # user and password of a URL
    r"|(?i:(?<=bearer )|(?<=basic ))[\w.~+/-]{16,}=*"
    r"|(?i:(?:secret_?access_?key|session_?token|client_?secret|private_?key|refresh_?token|access_?token|assertion|"
    r"x-amz-signature|x-amz-security-token|x-amz-credential|signature)[\"']?\s*[:=]\s*[\"']?)[^\s\"'&,;}]{6,}",
    re.DOTALL,
)


@dataclass
class Known:
    """Values that must never be seen. The longest unused one goes first when there are too many."""

    most: int = MAX_KNOWN
    _values: OrderedDict[str, None] = field(default_factory=OrderedDict, repr=False)
    _by_start: dict[str, list[str]] = field(default_factory=dict, repr=False)

    def remember(self, values: Iterable[str]) -> None:
        """From now on these are blanked out, also in the usual encodings."""
        for value in values:
            for text in _spellings(value):
                if text in self._values:
                    self._values.move_to_end(text)
                else:
                    self._values[text] = None
                    same = self._by_start.setdefault(text[:SHORTEST], [])
                    same.append(text)
                    same.sort(key=len, reverse=True)
        while len(self._values) > self.most:
            oldest, _ = self._values.popitem(last=False)
            self._by_start[oldest[:SHORTEST]].remove(oldest)

    def scrub(self, text: str) -> str:
        """The text without them, and without what looks like a secret."""
        return _SHAPES.sub(REDACTED, self._without_known(text))

    def _without_known(self, text: str) -> str:
        if not self._values:
            return text
        kept, copied, place = [], 0, 0
        while place <= len(text) - SHORTEST:
            for value in self._by_start.get(text[place : place + SHORTEST], ()):
                if text.startswith(value, place):
                    kept += [text[copied:place], REDACTED]
                    copied = place = place + len(value)
                    break
            else:
                place += 1
        return "".join([*kept, text[copied:]])


def _spellings(value: str) -> set[str]:
    """The value, its lines, and how URLs and base64 write it; without what is too short to be told from a word."""
    lines = [value, *value.splitlines()]
    spelt = [*lines, *(quote(line, safe="") for line in lines), base64.b64encode(value.encode()).decode().rstrip("=")]
    return {text for text in spelt if len(text) >= SHORTEST and not text.startswith("-----")}


#: Of this process: logs are written by all of it.
KNOWN = Known()
remember, scrub = KNOWN.remember, KNOWN.scrub
