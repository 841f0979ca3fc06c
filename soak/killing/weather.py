"""What goes wrong with which call between the SDKs and the clouds. Asked by the proxy for every request.

Invariant: `Weather` draws from its own seeded stream, one draw per request; the order of requests is the machine's.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random

from skyclust.sandbox.aws.replies import Refusal, refuse, throttled
from skyclust.sandbox.gcp.errors import GoogleError


class Trouble(StrEnum):
    """The ways of a call to go wrong on its way."""

    REFUSED = "refused"  # 503 before the cloud has seen it
    CUT_BEFORE = "cut before"  # the connection breaks before the cloud has seen it
    CUT_AFTER = "cut after"  # applied, then the connection breaks
    ERROR_AFTER = "error after"  # applied, then a 500 instead of the reply
    THROTTLED = "throttled"  # refused in the cloud's own words
    SLOW = "slow"  # the reply comes late


#: Slow replies stay below the time limit of one call, which is 0.8 of the lease.
SLOW_SECONDS = (0.05, 0.6)
PAGE_OF_A_LOAD_BALANCER = b"<html><body><h1>502 Bad Gateway</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered instead of the cloud."""

    status: int
    content_type: str
    body: bytes


@dataclass
class Weather:
    """Storms and calms: `rate` is the share of calls that go wrong. `counts` tells what was done, for the figures."""

    rng: Random = field(default_factory=lambda: Random(0))
    rate: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)

    def set(self, rng: Random, rate: float) -> None:
        """From now on."""
        self.rng, self.rate = rng, rate

    def calm(self) -> None:
        """Nothing goes wrong any more."""
        self.rate = 0.0

    def next_trouble(self) -> Trouble | None:
        """What happens to the next request."""
        if self.rng.random() >= self.rate:
            return None
        trouble = self.rng.choice(list(Trouble))
        self.counts[trouble.value] += 1
        return trouble

    def delay_seconds(self) -> float:
        """How late a slow reply is."""
        return self.rng.uniform(*SLOW_SECONDS)


def service_of(headers: dict[str, str]) -> str:
    """The AWS service that the request is signed for; "" for Google's."""
    scope = headers.get("authorization", "").partition("Credential=")[2].partition(",")[0].split("/")
    return scope[3] if len(scope) > 3 else ""


def refusal(trouble: Trouble, service: str) -> Reply:
    """The reply of a cloud, or of a load balancer in front of it."""
    if trouble is Trouble.REFUSED:
        return Reply(503, "text/html", PAGE_OF_A_LOAD_BALANCER)
    if service:
        error = throttled(service) if trouble is Trouble.THROTTLED else Refusal("InternalFailure", "An error.", 500)
        made = refuse(service, error, "weather")
        return Reply(made.status, made.headers["content-type"], made.body)
    error = (
        GoogleError(429, "rateLimitExceeded", "Rate Limit Exceeded")
        if trouble is Trouble.THROTTLED
        else GoogleError(500, "backendError", "Backend Error")
    )
    return Reply(error.code, "application/json", json.dumps(error.body()).encode())
