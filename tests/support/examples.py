"""Requests that schemathesis makes from our own OpenAPI document, asked of the whole application, and judged by it.

`Campaign(world, run, seed).ask_all(right, wrong)` asks every operation and returns what was heard. Real ids are put where the
document asks for one, else every answer would be 404. Used by tests/security/test_openapi_by_examples.py.
"""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import jsonschema_rs
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from schemathesis import GenerationMode
from schemathesis.core import NotSet

from documented import BEFORE_ALL
from example_world import ABOUT, COSTLY, FRESH, Asking, World, usual
from tenancy_requests import CONSTANTS, body_of, filled

Json = dict[str, Any]
PREFIX = "/api/v1"
BASE = "http://skyclust"
#: What a cloud or a cluster that fails is answered with: the only 5xx that may come.
CLOUD_FAILS = {"cloud-error", "cloud-unavailable", "kubernetes-unreachable", "kubernetes-refused"}
STREAM = "text/event-stream"
#: Spellings in an address that the product takes and JSON Schema has no word for: the excluded data that may be taken.
LENIENT = {
    "boolean": "yes, on, t, 1 and their likes are booleans (pydantic)",
    "uuid": "a UUID may come without its dashes, in braces or as a URN (pydantic)",
    "date-time": "a time without a zone is UTC, a day is its first moment, the T may be a blank (pydantic)",
    "integer": "a whole number may be written as 1.0, with a sign or blanks (pydantic)",
}
TRUTHS = {"true", "false", "1", "0", "yes", "no", "on", "off", "t", "f", "y", "n"}


@dataclass(frozen=True)
class Request:
    """One request as it went out. `wrong`: which of its parts the document excludes."""

    operation: str
    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes | None
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True)
class Heard:
    """One answer, with everything in it that the document does not know."""

    request: Request
    status: int
    kind: str
    text: str
    complaints: tuple[str, ...] = ()

    def __str__(self) -> str:
        sent = self.request
        body = (sent.content or b"")[:600].decode("utf-8", "replace")
        return f"{sent.method} {sent.url} {body} (wrong: {sent.wrong}) -> {self.status} {self.text[:400]} {self.complaints}"


@dataclass
class Document:
    """The document, and what it says of each operation."""

    whole: Json
    operations: dict[str, Json] = field(default_factory=dict)
    _judges: dict[tuple, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for path, methods in self.whole["paths"].items():
            for method, operation in methods.items():
                self.operations[f"{method.upper()} {path.removeprefix(PREFIX)}"] = operation
        self._registry = jsonschema_rs.Registry([("urn:skyclust", self.whole)])

    def judge(self, key: tuple, schema: Json) -> Any:
        """A validator, made once."""
        if key not in self._judges:
            absolute = json.loads(json.dumps(schema).replace('"#/', '"urn:skyclust#/'))
            self._judges[key] = jsonschema_rs.validator_for(
                absolute, registry=self._registry, validate_formats=True, base_uri="urn:judge"
            )
        return self._judges[key]

    def answer(self, name: str, status: int) -> Json | None:
        found = self.operations[name]["responses"].get(str(status))
        if found is not None and "$ref" in found:
            return self.whole["components"]["responses"][found["$ref"].rpartition("/")[2]]
        return found

    def streams(self, name: str) -> bool:
        return STREAM in (self.answer(name, 200) or {}).get("content", {})


def complaints(document: Document, request: Request, status: int, content_type: str, body: bytes) -> Iterator[str]:
    """What no reader of the document would expect of this answer."""
    kind = kind_in(content_type, body)
    if status >= 500 and kind not in CLOUD_FAILS:
        yield f"a defect: {status} {kind}"
    if request.wrong and 200 <= status < 300:
        yield f"wrong data was taken: {'; '.join(request.wrong)}"
    told = document.answer(request.operation, status)
    if told is None:
        if (status, kind) not in BEFORE_ALL:
            yield f"{status} {kind} is not documented"
        return
    media_type, content = content_type.partition(";")[0], told.get("content", {})
    if not content:
        if body:
            yield f"{status} has a body, and none is documented"
    elif media_type not in content:
        yield f"{media_type} is not documented for {status}"
    elif media_type.endswith("json") and "schema" in content[media_type]:
        judge = document.judge((request.operation, status, media_type), content[media_type]["schema"])
        for error in judge.iter_errors(json.loads(body)):
            yield f"{status}: {error.message[:200]} at {error.instance_path}"


def kind_in(content_type: str, body: bytes) -> str:
    if not content_type.startswith("application/problem"):
        return ""
    return str(json.loads(body).get("type", "")).rpartition("/")[2]


# ---- what the document excludes ----
def wrong_parts(document: Document, name: str, path: Mapping[str, str], url: str, content: bytes | None) -> list[str]:
    """Parts of the request that the document excludes, however they are read."""
    operation = document.operations[name]
    sent = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    found = []
    for parameter in operation.get("parameters", ()):
        place, key = parameter["in"], parameter["name"]
        if place not in ("path", "query"):
            continue
        texts = [path[key]] if place == "path" else [value for word, value in sent if word == key]
        if not texts and parameter.get("required"):
            found.append(f"?{key} is missing")
        schema = parameter["schema"]
        judge = document.judge((name, place, key), schema)
        values = [texts] if schema.get("type") == "array" else texts[-1:]
        if any(not any(judge.is_valid(reading) for reading in readings(value, schema)) for value in values):
            found.append(f"{place} {key}={values[0]!r}"[:200])
    if "requestBody" in operation:
        found += _wrong_body(document, name, operation["requestBody"], content)
    return found


def _wrong_body(document: Document, name: str, told: Json, content: bytes | None) -> Iterator[str]:
    if content is None:
        if told.get("required"):
            yield "the body is missing"
        return
    judge = document.judge((name, "body"), told["content"]["application/json"]["schema"])
    try:
        value = json.loads(content)
    except ValueError:
        yield "the body is not JSON"
        return
    yield from (f"body: {error.message[:150]} at {error.instance_path}" for error in judge.iter_errors(value))


def readings(text: Any, schema: Json) -> Iterator[Any]:
    """What a text in an address may stand for, `LENIENT` spellings included."""
    yield text
    if isinstance(text, list):
        return
    kinds = json.dumps(schema)
    if '"boolean"' in kinds and text.lower() in TRUTHS:
        yield True
    if '"integer"' in kinds or '"number"' in kinds:
        yield from _numbers(text)
    if '"uuid"' in kinds:
        with suppress(ValueError):
            yield str(UUID(text))
    if '"date-time"' in kinds:
        moment = text.replace(" ", "T", 1)
        yield from (moment, f"{moment}Z", f"{moment}T00:00:00Z")


def _numbers(text: str) -> Iterator[int | float]:
    with suppress(ValueError, OverflowError):
        number = float(text)
        yield int(number) if number == int(number) else number


# ---- requests ----
@dataclass
class Example:
    """Makes a request out of what schemathesis has generated and of real things."""

    document: Document
    name: str
    random: Random

    def request(self, case: Any, asking: Asking, *, known: bool, wrong: bool, rehearsed: bool) -> Request:
        """`known`: the request that is known to be right, as the document asks for it."""
        things = {**asking.things, **CONSTANTS}
        for place in case.path_parameters:
            if place in things and (known or self.random.random() < 7 / 8):
                case.path_parameters[place] = things[place]
        given = {} if known else {key: self._in_query(key, value, things) for key, value in (case.query or {}).items()}
        case.query = given | self._always(things, known=known)
        if rehearsed:
            case.query |= {} if wrong and "dry_run" in given else {"dry_run": "true"}
        for header in ("if-match", "x-plan-digest"):  # what is made up never fits, and nothing else would be reached
            if known or self.random.random() < 3 / 4:
                case.headers.pop(header, None)
        if not isinstance(case.body, NotSet):
            case.body = self._body(case.body, asking, things, known=known)
        return self._sent(case)

    def _always(self, things: Mapping[str, str], *, known: bool) -> Json:
        """Required parameters; what looks into an account needs a region to look into."""
        looks = self.name.endswith(":importable")
        return {
            parameter["name"]: things.get(parameter["name"], "x" * 43)
            for parameter in self.document.operations[self.name].get("parameters", ())
            if parameter["in"] == "query" and (parameter.get("required") or (looks and parameter["name"] == "region"))
            if known or parameter["name"] in things
        }

    def _in_query(self, key: str, value: Any, things: Mapping[str, str]) -> Any:
        real = things.get(key)
        return real if real is not None and self.random.random() < 3 / 4 else value

    def _body(self, generated: Any, asking: Asking, things: Mapping[str, str], *, known: bool) -> Any:
        right = self._right_body(asking, things)
        if known and right is not None:
            return right
        if isinstance(generated, dict):
            generated = {key: _real(key, value, things, self.random) for key, value in generated.items()}
            if isinstance(right, dict) and self.random.random() < 2 / 3:
                few = self.random.sample(sorted(generated), min(len(generated), self.random.choice((1, 1, 2))))
                return right | {key: generated[key] for key in few}
        return generated

    def _right_body(self, asking: Asking, things: Mapping[str, str]) -> Any:
        path = self.name.partition(" ")[2]
        right = body_of(path, self.document.operations[self.name])
        if not isinstance(right, dict):
            return right
        body = filled(right, things)
        fields = json.dumps(self.document.whole["components"]["schemas"])
        own = {key: value for key, value in (asking.body or {}).items() if f'"{key}"' in fields}
        known = self._fields()
        return {key: value for key, value in (body | own).items() if not known or key in known}

    def _fields(self) -> set[str]:
        schema = self.document.operations[self.name]["requestBody"]["content"]["application/json"]["schema"]
        reference = schema.get("$ref", "").rpartition("/")[2]
        return set(self.document.whole["components"]["schemas"].get(reference, {}).get("properties", ()))

    def _sent(self, case: Any) -> Request:
        kwargs = case.as_transport_kwargs(base_url=BASE)
        kwargs.pop("cookies", None)
        prepared = requests.Request(**kwargs).prepare()
        content = prepared.body.encode() if isinstance(prepared.body, str) else prepared.body
        headers = {
            key: value for key, value in prepared.headers.items()
            if key.lower() not in ("content-length", "user-agent", "accept-encoding", "authorization")
        }  # fmt: skip
        path = {key: str(value) for key, value in case.path_parameters.items()}
        wrong = wrong_parts(self.document, self.name, path, prepared.url, content)
        return Request(self.name, prepared.method, prepared.url, headers, content, tuple(wrong))


def _real(key: str, value: Any, things: Mapping[str, str], random: Random) -> Any:
    if isinstance(value, dict):
        return {inner: _real(inner, item, things, random) for inner, item in value.items()}
    if key in things and isinstance(value, str) and random.random() < 3 / 4:
        return things[key]
    return value


# ---- asking ----
async def ask(world: World, document: Document, request: Request, asking: Asking) -> Heard:
    client = asking.person.client
    built = client.build_request(
        request.method, request.url, headers={**client.headers, **request.headers}, content=request.content
    )
    if document.streams(request.operation):
        status, content_type, body = await head_of(world.house.app, built)
    else:
        answer = await client.send(built)
        status, content_type, body = answer.status_code, answer.headers.get("content-type", ""), answer.content
    found = tuple(complaints(document, request, status, content_type, body))
    return Heard(request, status, kind_in(content_type, body), body[:1000].decode("utf-8", "replace"), found)


async def head_of(app, request) -> tuple[int, str, bytes]:
    """How a stream begins; of an answer that is none, all of it."""
    heard, gone = asyncio.Queue(), asyncio.Event()
    asked = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive():
        for message in asked:
            return message
        await gone.wait()
        return {"type": "http.disconnect"}

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": request.method, "scheme": "http",
        "path": request.url.path, "raw_path": request.url.raw_path, "query_string": request.url.query, "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw], "server": ("skyclust", 80),
        "client": ("127.0.0.1", 1), "state": {},
    }  # fmt: skip
    running = asyncio.create_task(app(scope, receive, heard.put))
    started = await heard.get()
    body, more = b"", started["status"] >= 400
    while more:
        message = await heard.get()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    gone.set()
    running.cancel()
    await asyncio.wait([running])
    kinds = [value.decode() for name, value in started["headers"] if name == b"content-type"]
    return started["status"], kinds[0] if kinds else "", body


# ---- all of it ----
@dataclass
class Campaign:
    """Asks every operation. `run` runs a coroutine to its end."""

    world: World
    run: Callable
    seed: int
    heard: list[Heard] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.document = Document(self.world.house.app.openapi())
        schema = schemathesis.openapi.from_dict(_without_security(self.document.whole))
        found = (result.ok() for result in schema.get_all_operations())
        self.operations = {operation.label.replace(f" {PREFIX}", " ", 1): operation for operation in found}

    def ask_all(self, *, right: int, wrong: int) -> list[Heard]:
        """One request that is known to be right, then generated ones; what acts on shared things is rehearsed first."""
        for name in self.operations:
            self._ask(name, GenerationMode.POSITIVE, right, rehearsed=self._acts(name))
            if wrong and _can_be_wrong(self.document.operations[name]):
                self._ask(name, GenerationMode.NEGATIVE, wrong, rehearsed=self._acts(name))
        for name in sorted(filter(self._acts, self.operations), key=lambda name: name.startswith("DELETE")):
            self._ask(name, GenerationMode.POSITIVE, 1, rehearsed=False)
        return self.heard

    def _acts(self, name: str) -> bool:
        """Whether it begins an operation on something that other requests need as it is."""
        takes = {parameter["name"] for parameter in self.document.operations[name].get("parameters", ())}
        return "plan_digest" in takes and FRESH.get(name) is None

    def _ask(self, name: str, mode: GenerationMode, number: int, *, rehearsed: bool) -> None:
        example = Example(self.document, name, Random(f"{self.seed} {name} {mode} {rehearsed}"))
        asked = 0

        def one(case: Any) -> None:
            nonlocal asked
            wrong = mode is GenerationMode.NEGATIVE
            known, asked = not wrong and not asked, asked + 1
            fresh = usual if wrong and name in COSTLY else (FRESH | ABOUT).get(name, usual)
            asking = self.run(fresh(self.world))
            request = example.request(case, asking, known=known, wrong=wrong, rehearsed=rehearsed)
            self.heard.append(self.run(ask(self.world, self.document, request, asking)))

        _generated(self.operations[name], mode, number, self.seed, one)


def _generated(operation, mode, number: int, seed: int, one: Callable[[Any], None]) -> None:
    """As many cases as wanted, the same for the same seed."""

    @seeded(seed)
    @settings(
        max_examples=number, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(operation.as_strategy(generation_mode=mode))
    def each(case) -> None:
        one(case)

    each()


def _can_be_wrong(operation: Json) -> bool:
    return bool(operation.get("parameters") or operation.get("requestBody"))


def _without_security(whole: Json) -> Json:
    """Who asks is our business: schemathesis would make tokens up."""
    copy = json.loads(json.dumps(whole))
    copy["components"].pop("securitySchemes", None)
    for methods in copy["paths"].values():
        for operation in methods.values():
            operation.pop("security", None)
    return copy
