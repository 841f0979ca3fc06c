"""Controls of the HTTP surface taken out, one at a time: the test that docs/security.md names for each notices.

A control's own test is run as it stands, on a product without the control. It must fail; with the control it passes, as
the suite shows. The word of a stream that it missed something is taken out beside its test, in tests/events.
"""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from planted import plant
from skyclust.entrypoints import metrics_page
from skyclust.entrypoints.http_heads import BoundedHeads
from skyclust.identity import callers
from skyclust.kit import http
from skyclust.kit.http import Guard

SURFACE = Path(__file__).parents[1] / "surface"
TOKEN = "m" * 32
#: Whoever waits for the end of a head that is not cut off any more gives up after so long; it is cut off after 0.2 s.
IMPATIENT_SECONDS = 2.0
#: How a test fails: what it asserts, an answer without the fields of a problem, waiting in vain, an error let through.
NOTICED = (AssertionError, KeyError, TimeoutError, RuntimeError)
Removal = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Control:
    """`remove` takes it out; the test of this name in this file of tests/surface must notice, and `says` how."""

    remove: Removal
    file: str
    test: str
    given: dict = field(default_factory=dict)
    says: str = ""


def planted(place, name: str, right: str, wrong: str) -> Removal:
    return lambda monkeypatch: plant(monkeypatch, place, name, right, wrong)


def _nothing_is_counted(monkeypatch) -> None:
    monkeypatch.setattr(BoundedHeads, "data_received", HttpToolsProtocol.data_received)


async def _spoken(spoken, address, raw: bytes) -> bytes:
    if raw != BEGUN:
        return await spoken(address, raw)
    try:
        return await spoken(address, raw, seconds=IMPATIENT_SECONDS)
    except TimeoutError:
        raise AssertionError(f"no end to {len(raw)} bytes") from None


#: What the dawdling client of that test has said when it falls silent.
BEGUN = b"GET /api/v1/health/live HTTP/1.1\r\nHost: x\r\n"
HEADS = ("test_bodies.py", "test_endless_and_dawdling_heads_are_cut_off")
LAST = ("test_errors.py", "test_a_failing_dependency_is_500_with_an_id_and_nothing_of_what_failed")
CONTROLS = {
    "the origin check": Control(
        # streams keep it: one that is let in has no end
        planted(Guard, "_pass", "self._check_origin(", 'scope["path"].endswith("/events") and self._check_origin('),
        "test_headers.py", "test_a_page_of_another_origin_may_neither_read_nor_write",
        {"origin": "https://app.example.com.evil.com"},
    ),
    "the metrics' token": Control(
        planted(metrics_page, "check_reader", "if token and not right:", "if False:"),
        "test_watching.py", "test_metrics_are_for_who_has_the_token_and_for_the_sandbox",
        {"settings": {"metrics_token": TOKEN}, "given": "wrong", "status": 401},
    ),
    "metrics that are off without a token": Control(
        planted(metrics_page, "check_reader", "if not token and not settings.sandbox_control:", "if False:"),
        "test_watching.py", "test_metrics_are_for_who_has_the_token_and_for_the_sandbox",
        {"settings": {}, "given": None, "status": 404},
    ),
    "the size of a head": Control(_nothing_is_counted, *HEADS, says=r"\A\Z"),
    "the time of a head": Control(
        planted(BoundedHeads, "_too_slow", "self.transport.close()", "pass"), *HEADS,
        says=f"^no end to {len(BEGUN)} bytes$",
    ),
    "the rate of what is costly": Control(
        planted(callers, "is_costly", "return ", "return False and "),
        "test_rates.py", "test_costly_requests_have_a_limit_of_their_own",
    ),
    "the last resort": Control(
        planted(Guard, "__call__", "except Exception as error:", "except ZeroDivisionError as error:"), *LAST
    ),
    "the last resort's silence": Control(
        planted(http, "_last_resort", "return internal()", 'return Problem(500, "internal", "Failed", str(error))'), *LAST
    ),
}  # fmt: skip


def _loaded(file: str) -> ModuleType:
    """Its tests as plain functions."""
    spec = importlib.util.spec_from_file_location(f"bitten_{file.removesuffix('.py')}", SURFACE / file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", CONTROLS)
def test_a_control_that_is_taken_out_is_noticed(name, postgres, monkeypatch):
    control = CONTROLS[name]
    module = _loaded(control.file)
    control.remove(monkeypatch)
    if hasattr(module, "spoken"):
        monkeypatch.setattr(module, "spoken", partial(_spoken, module.spoken))
    given = dict(control.given)
    if control.file == "test_bodies.py":
        given["monkeypatch"] = monkeypatch
    with pytest.raises(NOTICED, match=control.says or None):
        getattr(module, control.test)(postgres, **given)
