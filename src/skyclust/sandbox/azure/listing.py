"""Pages and filters of lists. Every list of the emulator goes through `list_answer`.

Source of the filter's words: https://learn.microsoft.com/rest/api/resources/resources/list
"""

import base64
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from skyclust.sandbox.azure.cloud import Answer, Call, group_of
from skyclust.sandbox.azure.errors import Json, bad_request

PAGE = 25
Predicate = Callable[[Json], bool]
_TERM = re.compile(r"\s*(?P<name>[\w/]+)\s+(?P<op>eq|ne)\s+'(?P<value>(?:[^']|'')*)'\s*", re.IGNORECASE)
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)


def list_answer(rows: list[Json], call: Call) -> Answer:
    """One page and the link to the next."""
    size = _size(call)
    start = _start(call)
    body: Json = {"value": rows[start : start + size]}
    if start + size < len(rows):
        body["nextLink"] = _link(call, start + size)
    return Answer(200, body)


def _size(call: Call) -> int:
    text = call.query.get("$top", str(PAGE))
    if not text.isdigit() or int(text) < 1:
        raise bad_request(
            "InvalidTopQueryParameter", f"The value '{text}' of the $top parameter is no positive number."
        )
    return int(text)


def _start(call: Call) -> int:
    token = call.query.get("$skiptoken", "")
    try:
        return int(base64.urlsafe_b64decode(token)) if token else 0
    except ValueError:
        raise bad_request("InvalidSkipToken", f"The skip token '{token}' is not one of this service's.") from None


def _link(call: Call, start: int) -> str:
    token = base64.urlsafe_b64encode(str(start).encode()).decode()
    query = {**call.query, "$skiptoken": token}
    return f"{call.url}?" + "&".join(f"{name}={quote(value)}" for name, value in query.items())


def terms_of(text: str) -> list[tuple[str, str, str]]:
    """(name in lower case, eq or ne, value) of every comparison that `and` joins."""
    terms = []
    for part in _AND.split(text) if text.strip() else []:
        found = _TERM.fullmatch(part)
        if found is None:
            raise bad_request("InvalidFilterInQueryString", f"Invalid $filter '{text}' specified in the query string.")
        terms.append((found["name"].lower(), found["op"].lower(), found["value"].replace("''", "'")))
    return terms


def predicate_of(text: str) -> Predicate:
    """`tagName eq 'a' and tagValue eq 'b'`, `resourceType eq '...'`, `resourceGroup`, `location`, `name`."""
    terms = terms_of(text)
    tag = next((value for name, op, value in terms if name == "tagname" and op == "eq"), None)
    return lambda row: all(_holds(row, tag, *term) for term in terms)


def _holds(row: Json, tag: str | None, name: str, operator: str, value: str) -> bool:
    tags = {key.lower(): given for key, given in row.get("tags", {}).items()}
    if name == "tagname":
        return (value.lower() in tags) is (operator == "eq")
    if name == "tagvalue":
        if tag is None:
            raise bad_request("InvalidFilterInQueryString", "tagValue can only be used together with tagName.")
        return (tags.get(tag.lower()) == value) is (operator == "eq")
    found: dict[str, Any] = {
        "resourcetype": row.get("type", ""),
        "resourcegroup": group_of(row.get("id", "")),
        "location": row.get("location", ""),
        "name": row.get("name", ""),
    }
    if name not in found:
        raise bad_request("InvalidFilterInQueryString", f"The filter cannot compare '{name}'.")
    return (str(found[name]).lower() == value.lower()) is (operator == "eq")
