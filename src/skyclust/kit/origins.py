"""Which web pages may talk to the API. Called by the guard in http.py and by the settings' own check.

Pure. Invariant: an origin is allowed when it equals one that the operator wrote, or when it is this server's own; never
because it begins, ends or looks like one. Nobody is ever answered with `*`.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?|https?://\[[0-9a-f:]+\](:\d{1,5})?")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def origins(text: str) -> frozenset[str]:
    """The origins of a comma-separated list; ValueError says what is wrong with one."""
    return frozenset(_checked(part.strip().lower().rstrip("/")) for part in text.split(",") if part.strip())


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL, as a browser writes them; "" for none."""
    parts = urlsplit(url.lower())
    standard = {"https": ":443", "http": ":80"}.get(parts.scheme, "")
    return f"{parts.scheme}://{parts.netloc.removesuffix(standard)}" if parts.netloc else ""


def is_allowed(origin: str, host: str, allowed: frozenset[str], own: str) -> bool:
    """Whether a page of `origin` may ask the server that was addressed as `host`.

    `own` is the origin that the operator gave the installation; without one, the addressed host itself is it.
    """
    wanted = origin.lower()
    if wanted in allowed:
        return True
    return wanted == own if own else bool(host) and wanted in (f"https://{host.lower()}", f"http://{host.lower()}")


def _checked(origin: str) -> str:
    if not _ORIGIN.fullmatch(origin):
        raise ValueError(f"{origin!r} is no origin; write scheme, host and port only, as https://app.example.com")
    if origin.startswith("http://") and urlsplit(origin).hostname not in _LOOPBACK:
        raise ValueError(f"{origin!r} is not encrypted; use https://, http:// is for this machine only")
    return origin
