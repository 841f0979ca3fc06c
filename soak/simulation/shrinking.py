"""Make a failing seed smaller: less weather, fewer things done, as long as the same invariant breaks.

Called by `python -m soak sim` for what it prints. Invariant: what comes out fails, and fails by an invariant that was
broken before.
"""

from collections.abc import Iterator
from dataclasses import replace

from skyclust.provisioning.engine import Engine
from skyclust.provisioning.memory import MemoryStore
from soak.simulation.story import Broken, tell
from soak.simulation.weather import Misfortune, Weather

#: How often a smaller weather may be tried, all seeds together.
TRIES = 400
#: With something left out the dice fall otherwise: a few more throws may show the same again.
OTHER_SEEDS = 4


def shrunk(
    broken: Broken, *, engine: type[Engine] = Engine, store: type[MemoryStore] = MemoryStore, tries: int = TRIES
) -> Broken:
    """The smallest failure found that breaks one of the same invariants; `broken` itself if there is none."""
    left = tries
    smaller: Broken | None = broken
    while smaller is not None and left > 0:
        broken, smaller = smaller, None
        for weather in simpler(broken.weather):
            for seed in (broken.seed, *range(OTHER_SEEDS)):
                left -= 1
                found = _failure(seed, weather, engine, store)
                if found is not None and found.codes & broken.codes:
                    smaller = found
                    break
            if smaller is not None or left <= 0:
                break
    return broken


def simpler(weather: Weather) -> Iterator[Weather]:
    """Every weather with one thing less, big things first."""
    usual = Weather()
    plot = {
        "hands": False,
        "sweeps": False,
        "guest": False,
        "stacks": 1,
        "delete": False,
        "change": False,
        "cancel": False,
        "roll_back": False,
    }
    sky = {"kills": False, "jumps": 0, "revoked": False, "workers": 1, "lag": 0.0, "haste": 1.0}
    for name, least in (plot | sky | {"latency": usual.latency}).items():
        if getattr(weather, name) != least:
            yield replace(weather, **{name: least})
    for name in ("crash", "stall", "disconnect"):
        if getattr(weather.misfortune, name):
            yield replace(weather, misfortune=replace(weather.misfortune, **{name: getattr(Misfortune(), name)}))
    for mode in weather.chances:
        yield replace(weather, chances={other: c for other, c in weather.chances.items() if other is not mode})


def _failure(seed: int, weather: Weather, engine: type[Engine], store: type[MemoryStore]) -> Broken | None:
    try:
        tell(seed, weather, engine=engine, store=store)
    except Broken as broken:
        return broken
    return None
