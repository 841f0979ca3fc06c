"""Secrets out of texts, at the last moment before a text leaves: into the log, an answer, an operation's story.

Called by logs.py, problems.py, the engine and the sweeps; `remember` by whoever opens a secret. Two nets: the very
values that this process has opened, and what looks like a secret whoever made it. Invariant: takes time in proportion
to the text, however many values are known.
"""

from __future__ import annotations

import base64
import re
from collections import Counter, OrderedDict
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


#: A text without any of these holds none of the shapes: most texts are done with here.
_HINTS = ("-----begin", "eyj", "ya29.", "skyclust_", "://", "bearer ", "basic ", "key", "token", "secret", "assertion",
          "signature", "x-amz")  # fmt: skip


@dataclass
class Known:
    """Values that must never be seen. The longest unused one goes first when there are too many."""

    most: int = MAX_KNOWN
    _values: OrderedDict[str, None] = field(default_factory=OrderedDict, repr=False)
    #: How each known value begins -> how long values are that begin so, and how many of that length.
    _lengths: dict[str, Counter[int]] = field(default_factory=dict, repr=False)

    def remember(self, values: Iterable[str]) -> None:
        """From now on these are blanked out, also in the usual encodings."""
        for value in values:
            for text in _spellings(value):
                if text in self._values:
                    self._values.move_to_end(text)
                else:
                    self._values[text] = None
                    self._lengths.setdefault(text[:SHORTEST], Counter())[len(text)] += 1
        while len(self._values) > self.most:
            self._forget(self._values.popitem(last=False)[0])

    def _forget(self, value: str) -> None:
        lengths = self._lengths[value[:SHORTEST]]
        lengths[len(value)] -= 1
        if not lengths[len(value)]:
            del lengths[len(value)]
        if not lengths:
            del self._lengths[value[:SHORTEST]]

    def scrub(self, text: str) -> str:
        """The text without them, and without what looks like a secret."""
        text = self._without_known(text)
        lower = text.lower()
        return _SHAPES.sub(REDACTED, text) if any(hint in lower for hint in _HINTS) else text

    def _without_known(self, text: str) -> str:
        starts = {text[place : place + SHORTEST] for place in range(len(text) - SHORTEST + 1)} & self._lengths.keys()
        if not starts:
            return text
        kept, copied, place = [], 0, 0
        while place <= len(text) - SHORTEST:
            length = self._known_at(text, place) if text[place : place + SHORTEST] in starts else 0
            if length:
                kept += [text[copied:place], REDACTED]
                copied = place + length
            place += length or 1
        return "".join([*kept, text[copied:]])

    def _known_at(self, text: str, place: int) -> int:
        """How long the longest known value is that stands there; 0 for none."""
        lengths = sorted(self._lengths[text[place : place + SHORTEST]], reverse=True)
        return next((length for length in lengths if text[place : place + length] in self._values), 0)


def _spellings(value: str) -> set[str]:
    """The value, its lines, and how URLs and base64 write it; without what is too short to be told from a word."""
    lines = [value, *value.splitlines()]
    spelt = [*lines, *(quote(line, safe="") for line in lines), base64.b64encode(value.encode()).decode().rstrip("=")]
    return {text for text in spelt if len(text) >= SHORTEST and not text.startswith("-----")}


#: Of this process: logs are written by all of it.
KNOWN = Known()
remember, scrub = KNOWN.remember, KNOWN.scrub
