"""The part of CEL that attribute conditions of workload identity providers are mostly made of. For pools.py and sts.py.

Comparisons of an attribute or a claim with text, joined by `&&`. Invariant: what is not understood is refused when the
provider is made, and never taken for true.
"""

import re
from collections.abc import Mapping
from typing import Any

from skyclust.sandbox.gcp.errors import bad_argument

_NAME = r"(?P<name>(?:google|attribute|assertion)\.[A-Za-z_][\w.]*)"
_TEXT = r"(?:'[^'\\]*'|\"[^\"\\]*\")"
_EQUAL = re.compile(rf"{_NAME}\s*(?P<sign>==|!=)\s*(?P<text>{_TEXT})")
_AMONG = re.compile(rf"{_NAME}\s+in\s+\[\s*(?P<texts>{_TEXT}(?:\s*,\s*{_TEXT})*)\s*\]")
_PREFIX = re.compile(rf"{_NAME}\.startsWith\(\s*(?P<text>{_TEXT})\s*\)")


def check_condition(text: str) -> None:
    """INVALID_ARGUMENT for what is not simulated."""
    for part in _parts(text):
        if not any(form.fullmatch(part) for form in (_EQUAL, _AMONG, _PREFIX)):
            raise bad_argument(
                f"The sandbox does not simulate this attribute condition: {part!r}. It takes ==, !=, in [...] and "
                "startsWith(...), joined by &&."
            )


def holds(text: str, values: Mapping[str, Any]) -> bool:
    """Whether the condition lets in who has these `assertion.*`, `google.*` and `attribute.*`; "" lets everybody in."""
    return all(_holds(part, values) for part in _parts(text))


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split("&&")] if text.strip() else []


def _holds(part: str, values: Mapping[str, Any]) -> bool:
    if found := _EQUAL.fullmatch(part):
        return (values.get(found["name"]) == found["text"][1:-1]) == (found["sign"] == "==")
    if found := _AMONG.fullmatch(part):
        return values.get(found["name"]) in [text[1:-1] for text in re.findall(_TEXT, found["texts"])]
    if found := _PREFIX.fullmatch(part):
        return str(values.get(found["name"], "")).startswith(found["text"][1:-1])
    return False
