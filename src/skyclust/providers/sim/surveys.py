"""What a region holds of ours, one list per kind. Called through `Sim.survey`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from skyclust.contract.errors import AuthenticationFailed, ProviderError, Throttled
from skyclust.contract.surveys import Known, Sighting, Survey, owner_by_tags
from skyclust.providers.sim.drivers import SimDriver
from skyclust.providers.sim.every_driver import DRIVERS
from skyclust.providers.sim.sessions import SimSession


async def survey(session: SimSession, known: Mapping[str, Sequence[Known]]) -> Survey:
    """One call for each kind, however many there are of it."""
    sightings: list[Sighting] = []
    unread: dict[str, str] = {}
    for kind, driver in DRIVERS.items():
        if not isinstance(driver, SimDriver):
            continue
        ids = frozenset(item.external_id for item in known.get(kind, ()))
        try:
            sightings += await _sighted(session, driver, ids)
        except (AuthenticationFailed, Throttled):
            raise  # these concern every call of the credential
        except ProviderError as refusal:
            unread[kind] = refusal.message
    return Survey(tuple(sightings), unread)


async def _sighted(session: SimSession, driver: SimDriver, known: frozenset[str]) -> list[Sighting]:
    def effect() -> list[Sighting]:
        found: list[Sighting] = []
        for item in session.world.listed(driver.cloud_kind):
            owner = owner_by_tags(item.tags)
            if not item.leaving and item.region == session.region and (owner is not None or item.id in known):
                found.append(Sighting(driver.kind, item.id, item.name, owner, driver.shows(session, item)))
        return found

    return await session.call(f"read.{driver.cloud_kind}", effect)
