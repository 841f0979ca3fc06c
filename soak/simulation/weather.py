"""How bad it is in one seed, and what its users do. Drawn from the seed, given by a test, or read from a command line.

Invariant: a weather is a value. The same seed under the same weather is the same history.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from random import Random

from skyclust.providers.sim.faults import Mode

#: Faults that pass by themselves, and faults that a person must clear.
PASSING = (Mode.THROTTLE, Mode.ERROR_BEFORE, Mode.ERROR_AFTER, Mode.LOST_REPLY, Mode.SLOW)
LASTING = (Mode.QUOTA, Mode.NO_CAPACITY, Mode.REVOKED, Mode.DENIED)


@dataclass(frozen=True, slots=True)
class Misfortune:
    """How often things go wrong with a worker, per crash point."""

    crash: float = 0.0
    stall: float = 0.0
    stall_seconds: float = 300.0
    disconnect: float = 0.0  # the store is lost before or after it has written


@dataclass(frozen=True, slots=True)
class Weather:
    """What goes wrong, and how much happens.

    lag, latency, haste   see `SimWorld`
    chances               of each fault, per call
    kills                 whole workers die at any moment, not only at crash points
    jumps                 how often the store's clock jumps by up to two hours, either way
    revoked               the credential stops working in the middle and has to be replaced
    guest                 a second stack puts a cluster into the network of the first while that is being deleted
    sweeps                sweeps run beside the engine, once a minute
    hands                 somebody else deletes or changes a settled resource of each stack; needs sweeps
    pauses                users pause operations for a while
    stages                another version is gone to over one in between, in one operation
    change, delete, cancel, roll_back   what the users may do besides making and resuming
    """

    lag: float = 0.0
    latency: float = 0.1
    haste: float = 1.0
    chances: Mapping[Mode, float] = field(default_factory=dict)
    misfortune: Misfortune = field(default_factory=Misfortune)
    kills: bool = False
    jumps: int = 0
    revoked: bool = False
    workers: int = 1
    stacks: int = 1
    guest: bool = False
    sweeps: bool = False
    hands: bool = False
    pauses: bool = False
    stages: bool = False
    change: bool = True
    delete: bool = True
    cancel: bool = True
    roll_back: bool = True

    @property
    def oversleeps(self) -> bool:
        """True when a lease may end without its worker's notice: two may then act on one resource for a moment."""
        return self.misfortune.stall > 0 or self.jumps > 0


def draw_weather(rng: Random) -> Weather:
    """Most seeds know a few kinds of fault, not all: what hides one bug shows another."""
    chances = {mode: rng.choice((0.0, 0.02, 0.1)) for mode in PASSING}
    chances |= {mode: rng.choice((0.0, 0.0, 0.01)) for mode in LASTING}
    return Weather(
        lag=rng.choice((0.0, 10.0, 60.0, 120.0)),
        latency=rng.choice((0.05, 0.5, 8.0)),
        haste=rng.choice((0.1, 0.3, 0.3, 1.0)),
        chances={mode: chance for mode, chance in chances.items() if chance},
        misfortune=Misfortune(
            crash=rng.choice((0.0, 0.01, 0.05)),
            stall=rng.choice((0.0, 0.0, 0.0, 0.01, 0.05)),
            disconnect=rng.choice((0.0, 0.0, 0.02)),
        ),
        kills=rng.random() < 0.3,
        jumps=rng.choice((0, 0, 0, 0, 1, 2)),
        revoked=rng.random() < 0.1,
        workers=rng.choice((1, 1, 2, 3)),
        stacks=rng.choice((1, 1, 1, 2)),
        guest=rng.random() < 0.2,
    )


def weather_of(seed: int) -> Weather:
    """A seed's own. Sweeps and pauses have dice of their own: seeds without them are what they were before."""
    weather, rng = draw_weather(Random(seed)), Random(f"{seed}/sweeps")
    sweeps, hands = rng.random() < 0.3, rng.random() < 0.6
    quiet = not weather.revoked and not weather.jumps  # a person sees to these only when an operation fails
    pausing = Random(f"{seed}/pauses")
    pauses, stages = pausing.random() < 0.4, pausing.random() < 0.7
    return replace(weather, sweeps=sweeps, hands=sweeps and hands and quiet, pauses=pauses, stages=stages)


def to_json(weather: Weather) -> str:
    """One line that says only what is not as usual."""
    usual, told = asdict(Weather()), asdict(weather)
    told["chances"] = {mode.value: chance for mode, chance in weather.chances.items() if chance}
    told["misfortune"] = {key: v for key, v in told["misfortune"].items() if v != usual["misfortune"][key]}
    return json.dumps({key: value for key, value in told.items() if value != usual[key] and value != {}})


def from_json(text: str) -> Weather:
    """The reverse of `to_json`. ValueError names what no weather has."""
    told = json.loads(text)
    unknown = set(told) - {member.name for member in fields(Weather)}
    if unknown:
        raise ValueError(f"No weather has {', '.join(sorted(unknown))}.")
    told["chances"] = {Mode(mode): chance for mode, chance in told.get("chances", {}).items()}
    told["misfortune"] = Misfortune(**told.get("misfortune", {}))
    return Weather(**told)
