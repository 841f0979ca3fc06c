"""Lists: paging and filtering for every service, and the shapes compute.v1 wraps them in. Pure.

A page token is the name of the last item seen, so pages stay right while items come and go. Filters: the comparisons
`name = x`, `name != x`, `name eq regex`, `labels.k = v`, `labels.k:*`, `a.b : text`, with AND, OR, NOT, parentheses.
"""

import base64
import binascii
import re
from collections.abc import Callable
from typing import Any

from skyclust.sandbox.gcp import catalog
from skyclust.sandbox.gcp.cloud import Call
from skyclust.sandbox.gcp.errors import GoogleError, Json

Row = tuple[str, Json]
_TOKEN = re.compile(
    r'\s*(?:(?P<par>[()])|(?P<op>!=|>=|<=|=|:|>|<)|"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<word>[^\s()=:!<>"]+))'
)


def page(
    rows: list[Row], query: dict[str, str], *, default: int = 500, size_name: str = "maxResults"
) -> tuple[list[Row], str]:
    """One page of (key, document) rows sorted by key, and the token of the next ('' at the end)."""
    try:
        after = base64.b64decode(query.get("pageToken", "").encode(), b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise GoogleError(400, "invalid", f"Invalid value for field 'pageToken': '{query['pageToken']}'.") from None
    size = int(query.get(size_name) or default) or default
    rest = [row for row in rows if row[0] > after]
    shown = rest[: min(size, 500)]
    more = len(rest) > len(shown)
    return shown, base64.urlsafe_b64encode(shown[-1][0].encode()).decode() if more else ""


def matching(rows: list[Row], expression: str) -> list[Row]:
    if not expression.strip():
        return rows
    wanted = _Parser(expression).parse()
    return [row for row in rows if wanted(row[1])]


Predicate = Callable[[Json], bool]


class _Parser:
    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self._tokens: list[tuple[str, str]] = []
        while self._at < len(text.rstrip()):
            found = _TOKEN.match(text, self._at)
            if found is None or found.lastgroup is None:
                raise self._error()
            self._tokens.append((found.lastgroup, found[found.lastgroup]))
            self._at = found.end()
        self._next = 0

    def _error(self) -> GoogleError:
        return GoogleError(
            400, "invalid", f"Invalid value for field 'filter': '{self._text}'. Invalid list filter expression."
        )

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._next] if self._next < len(self._tokens) else ("", "")

    def _take(self) -> tuple[str, str]:
        token = self._peek()
        self._next += 1
        return token

    def parse(self) -> Predicate:
        found = self._either()
        if self._next < len(self._tokens):
            raise self._error()
        return found

    def _either(self) -> Predicate:
        parts = [self._both()]
        while self._peek() == ("word", "OR"):
            self._take()
            parts.append(self._both())
        return lambda row: any(part(row) for part in parts)

    def _both(self) -> Predicate:
        parts = [self._single()]
        while self._peek()[0] and self._peek() not in (("word", "OR"), ("par", ")")):
            if self._peek() == ("word", "AND"):
                self._take()
            parts.append(self._single())
        return lambda row: all(part(row) for part in parts)

    def _single(self) -> Predicate:
        kind, text = self._take()
        if (kind, text) == ("word", "NOT"):
            inner = self._single()
            return lambda row: not inner(row)
        if (kind, text) == ("par", "("):
            inside = self._either()
            if self._take() != ("par", ")"):
                raise self._error()
            return inside
        if kind != "word":
            raise self._error()
        return self._comparison(text)

    def _comparison(self, path: str) -> Predicate:
        kind, operator = self._take()
        if kind != "op" and (kind, operator) not in (("word", "eq"), ("word", "ne")):
            raise self._error()
        value = self._take()
        while self._peek() == ("op", ":") and value[0] == "word":  # times and URLs hold colons: put them together again
            self._take()
            value = ("word", f"{value[1]}:{self._take()[1]}")
        if value[0] not in ("word", "quoted"):
            raise self._error()
        return lambda row: _compare(_value_at(row, path), operator, value[1])


def _value_at(row: Json, path: str) -> Any:
    value: Any = row
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _compare(found: Any, operator: str, wanted: str) -> bool:
    if isinstance(found, list):
        return any(_compare(item, operator, wanted) for item in found)
    if operator == ":":
        return found is not None and (wanted == "*" or wanted.strip("*").lower() in str(found).lower())
    text = (
        ""
        if found is None
        else {True: "true", False: "false"}.get(found, str(found))
        if isinstance(found, bool)
        else str(found)
    )
    if operator in ("eq", "ne"):
        try:
            same = re.fullmatch(wanted, text) is not None
        except re.error:
            raise GoogleError(
                400, "invalid", f"Invalid value for field 'filter': '{wanted}' is no regular expression."
            ) from None
        return same is (operator == "eq")
    if operator in ("=", "!="):
        same = re.fullmatch(re.escape(wanted).replace(r"\*", ".*"), text) is not None
        return same is (operator == "=")
    return {">": text > wanted, "<": text < wanted, ">=": text >= wanted, "<=": text <= wanted}[operator]


def list_answer(rows: list[tuple[str, Json]], call: Call, noun: str, where: str) -> Json:
    shown, token = page(matching(rows, call.query.get("filter", "")), call.query)
    answer: Json = {"kind": f"compute#{noun}List", "id": where, "selfLink": f"compute://{where}"}
    if shown:
        answer["items"] = [row for _, row in shown]
    return answer | ({"nextPageToken": token} if token else {})


def aggregated_answer(rows: list[tuple[str, Json]], call: Call, noun: str, collection: str) -> Json:
    """Items by scope; empty scopes carry a warning, as the real API shows them."""
    shown, token = page(matching(rows, call.query.get("filter", "")), call.query)
    where = f"projects/{call.path['project']}/aggregated/{collection}"
    items: dict[str, Any] = {}
    for path, row in shown:
        parts = path.split("/")
        scope = "global" if parts[2] == "global" else "/".join(parts[2:4])
        items.setdefault(scope, {collection: []})[collection].append(row)
    if not token and not any("/zones/" in path for path, _ in rows):
        empty = [f"regions/{region}" for region in catalog.REGIONS if f"regions/{region}" not in items]
        items |= {scope: {"warning": _nothing_in(scope)} for scope in empty}
    answer: Json = {
        "kind": f"compute#{noun}AggregatedList",
        "id": where,
        "items": items,
        "selfLink": f"compute://{where}",
    }
    return answer | ({"nextPageToken": token} if token else {})


def _nothing_in(scope: str) -> Json:
    return {
        "code": "NO_RESULTS_ON_PAGE",
        "message": f"There are no results for scope '{scope}' on this page.",
        "data": [{"key": "scope", "value": scope}],
    }
