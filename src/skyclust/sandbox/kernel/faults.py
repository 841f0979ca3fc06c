"""Faults by rule: which call of which cloud goes wrong, and how. Each front asks around every call.

Invariant: only a rule can make a call go wrong, and a rule counts every call it matched, so a failure is reproducible.
"""

import itertools
import random
import threading
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any


class Mode(StrEnum):
    THROTTLE = "throttle"  # refused in the cloud's own throttling shape
    ERROR_BEFORE = "error_before"  # 5xx, nothing applied
    ERROR_AFTER = "error_after"  # 5xx, yet applied
    LOST_REQUEST = "lost_request"  # the connection is cut, nothing applied
    LOST_REPLY = "lost_reply"  # applied, then the connection is cut
    SLOW = "slow"  # params: {"seconds": real seconds before the reply}
    LAG = "lag"  # NotFound for new ids; params: {"polls": k} and/or {"seconds": cloud seconds}
    QUOTA = "quota"  # quota exceeded; AWS also takes params {"quota": name, "value": n} to set one
    NO_CAPACITY = "no_capacity"
    REVOKED = "revoked"  # the credential no longer works


@dataclass
class FaultRule:
    """`operation` and `caller` are globs; `times` None means always; the first `after_calls` matches pass."""

    provider: str = "*"
    operation: str = "*"
    mode: Mode = Mode.ERROR_BEFORE
    times: int | None = None
    probability: float = 1.0
    after_calls: int = 0
    params: dict[str, Any] = field(default_factory=dict)
    caller: str = "*"
    id: str = ""
    seen: int = 0
    applied: int = 0

    def matches(self, provider: str, names: tuple[str, ...], caller: str) -> bool:
        return (
            fnmatchcase(provider, self.provider)
            and any(fnmatchcase(name.lower(), self.operation.lower()) for name in names)
            and fnmatchcase(caller, self.caller)
        )

    def is_spent(self) -> bool:
        return self.times is not None and self.applied >= self.times


@dataclass(frozen=True)
class Fault:
    mode: Mode
    params: dict[str, Any]
    rule_id: str


class Faults:
    def __init__(self, seed: int = 0) -> None:
        self._rules: dict[str, FaultRule] = {}
        self._dice = random.Random(seed)
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def add(self, rule: FaultRule) -> FaultRule:
        with self._lock:
            rule.id = rule.id or f"fault-{next(self._numbers)}"
            self._rules[rule.id] = rule
        return rule

    def remove(self, rule_id: str) -> bool:
        with self._lock:
            return self._rules.pop(rule_id, None) is not None

    def clear(self) -> None:
        with self._lock:
            self._rules.clear()

    def rules(self) -> list[FaultRule]:
        return list(self._rules.values())

    def decide(self, provider: str, operation: str, caller: str = "", *, alias: str = "") -> Fault | None:
        """The fault for this call, or None. Lag is not decided here: it depends on an id, see `lag`.

        A rule may name the call by either name. It counts each call it matches once, also one that another rule takes.
        """
        names = (operation, alias) if alias else (operation,)
        taken: Fault | None = None
        with self._lock:
            for rule in self._rules.values():
                if rule.mode is Mode.LAG or rule.is_spent() or not rule.matches(provider, names, caller):
                    continue
                rule.seen += 1
                if taken or rule.seen <= rule.after_calls or self._dice.random() >= rule.probability:
                    continue
                rule.applied += 1
                taken = Fault(rule.mode, dict(rule.params), rule.id)
        return taken

    def lag(self, provider: str, operation: str, caller: str = "") -> Fault | None:
        """The lag that applies to reads by id of `operation`; the front counts polls and seconds per id."""
        for rule in self.rules():
            if rule.mode is Mode.LAG and rule.matches(provider, (operation,), caller):
                return Fault(rule.mode, dict(rule.params), rule.id)
        return None


def parse_rule(body: dict[str, Any]) -> FaultRule:
    """A rule from the control API's JSON; ValueError says which field is wrong."""
    settable = {"provider", "operation", "mode", "times", "probability", "after_calls", "params", "caller", "id"}
    if unknown := set(body) - settable:
        raise ValueError(f"Unknown field {sorted(unknown)}; a fault has {sorted(settable)}.")
    if "mode" not in body or body["mode"] not in set(Mode):
        raise ValueError(f"The mode is {body.get('mode')!r}; give one of {sorted(Mode)}.")
    if not isinstance(body.get("params", {}), dict):
        raise ValueError("params must be an object.")  # noqa: TRY004 - the control API answers 422 to ValueError
    return FaultRule(**{**body, "mode": Mode(body["mode"])})


def rule_document(rule: FaultRule) -> dict[str, Any]:
    return {**asdict(rule), "mode": rule.mode.value}
