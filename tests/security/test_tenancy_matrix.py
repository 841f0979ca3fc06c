"""Every route x {administrator, viewer and exact holder of what is needed, administrator of another workspace, nobody,
ended session}, with the other tenant's ids in path, query, body, filters, cursors and streams (threat T1).

The policy is tests/support/tenancy_policy.py; a route without an entry there fails here.
"""

import re
from collections.abc import Mapping

import pytest

from skyclust.kit.pagination import encode_cursor
from skyclust.workspaces.permissions import ROLES, Permission, Role
from tenancy import Person
from tenancy_asking import BEGINNING, Heard, ask, named
from tenancy_policy import POLICY, Who
from tenancy_requests import Route, documented_name, random_like, table_of
from two_tenants import Street

pytestmark = pytest.mark.xdist_group("tenancy matrix")  # all on one pair of tenants
ABOUT_TENANTS = [key for key, entry in POLICY.items() if entry.who is not Who.EVERYBODY]


def let_in(route: Route, heard: Heard) -> bool:
    """Whether the answer is that of somebody who may."""
    entry = route.entry
    return heard.status == entry.answer if entry.answer else 200 <= heard.status < 300


def turned_away(route: Route, heard: Heard, lacking: frozenset[Permission]) -> bool:
    """Whether the answer is that of a member who lacks these."""
    if heard.status == 404:  # what one may not see does not exist
        return any(permission.value.endswith(".read") for permission in lacking)
    if heard.status == 403:
        return heard.missing in lacking or heard.kind == "role-too-high"
    return heard.status == route.entry.refusal != 403


def test_every_route_has_an_entry_and_every_entry_a_route(street):
    async def story(street):
        return {f"{method} {documented_name(path)}" for method, path in table_of(street.house.app)}

    there = street(story)
    assert there - set(POLICY) == set(), "who may use these routes? Say it in tests/support/tenancy_policy.py"
    assert set(POLICY) - there == set(), "these routes are gone; so should be their entries in tenancy_policy.py"


@pytest.mark.parametrize("key", ABOUT_TENANTS)
def test_nobody_and_an_ended_session_get_401_whatever_they_name(street, key):
    async def story(street):
        for route in named(street, key):
            for person in (None, street.revoked):
                heard = await ask(street, person, route, street.ours.things, dry_run=False)
                assert (heard.status, heard.kind) == (401, "unauthenticated"), (route, heard)
        return len(named(street, key))

    assert street(story) >= 1


@pytest.mark.parametrize("key", [key for key in POLICY if key not in ABOUT_TENANTS])
def test_what_everybody_may_ask_betrays_no_tenant(street, key):
    async def story(street):
        for route in named(street, key):
            heard = await ask(street, None, route, street.ours.things)
            assert heard.kind != "unauthenticated", route
            assert heard.status < 500, (route, heard)
            assert not heard.shows(street.ours) | heard.shows(street.theirs), route

    street(story)


@pytest.mark.parametrize("key", ABOUT_TENANTS)
def test_who_has_exactly_what_is_needed_is_let_in_and_who_lacks_any_of_it_is_not(street, key):
    async def story(street):
        await _insiders(street, named(street, key)[0])  # its other words lead to the same function

    street(story)


async def _insiders(street: Street, route: Route) -> None:
    ours, who, needs = street.ours, route.entry.who, route.entry.needs
    if who is Who.ADMINISTRATORS:
        assert let_in(route, heard := await ask(street, street.root, route, ours.things)), (route, heard)
        for person in (ours.admin, ours.viewer):
            heard = await ask(street, person, route, ours.things, dry_run=False)
            assert (heard.status, heard.missing) == (403, "platform.admin"), (route, heard)
        return
    admin = await street.house.person() if route.path.endswith("/auth/logout") else ours.admin
    heard = await ask(street, admin, route, ours.things)
    assert let_in(route, heard), (route, heard)
    if who in (Who.LISTED, Who.GUARDED_LIST):
        heard = await ask(street, admin, route, ours.things, last_event_id=BEGINNING)
        assert heard.shows(ours) or "verify" in route.path, (route, heard)
    await _holders(street, route, "viewer", ours.viewer, ROLES[Role.VIEWER])
    for given in [needs, *(frozenset(Permission) - {lacked} for lacked in needs)]:
        await street.probe_holds(ours, given)
        await _holders(street, route, sorted(given), ours.probe, given)


async def _holders(street: Street, route: Route, name: object, person: Person, held: frozenset[Permission]) -> None:
    """What a member with these permissions gets."""
    ours, who, lacking = street.ours, route.entry.who, route.entry.needs - held
    if who is Who.THEMSELVES:
        if route.places():
            heard = await ask(street, person, route, ours.things, dry_run=False)
            assert heard.status == 404, (route, name, heard)
        return
    heard = await ask(street, person, route, ours.things, dry_run=not lacking, last_event_id=BEGINNING)
    if who is Who.LISTED and lacking:
        assert let_in(route, heard), (route, name, heard)
        assert not heard.shows(ours), (route, name, heard)
    elif lacking:
        assert turned_away(route, heard, lacking), (route, name, lacking, heard)
    else:
        assert let_in(route, heard), (route, name, heard)


@pytest.mark.parametrize("key", ABOUT_TENANTS)
def test_the_administrator_of_another_workspace_cannot_tell_our_things_from_none(street, key):
    async def story(street):
        last = "SELECT seq FROM audit_heads WHERE workspace_id = :w"
        before = await street.scalar(last, w=street.ours.workspace)
        for route in named(street, key):
            await _stranger(street, route)
        assert await street.scalar(last, w=street.ours.workspace) == before, "something was done to us"

    street(story)


async def _stranger(street: Street, route: Route) -> None:
    ours, theirs, who = street.ours, street.theirs, route.entry.who
    eve = theirs.admin
    if who is Who.ADMINISTRATORS:
        heard = await ask(street, eve, route, ours.things, dry_run=False)
        assert (heard.status, heard.missing) == (403, "platform.admin"), (route, heard)
        return
    if who in (Who.LISTED, Who.GUARDED_LIST, Who.SIGNED_IN, Who.THEMSELVES) and not route.places():
        if not route.path.endswith("/auth/logout"):
            heard = await ask(street, eve, route, theirs.things, last_event_id=BEGINNING)
            assert let_in(route, heard), (route, heard)
            assert not heard.shows(ours), (route, heard)
        await _cursors(street, route)
    else:
        await _whole(street, route)
    for place in [*route.places(), *route.query_references]:
        await _one_place(street, route, place)


async def _whole(street: Street, route: Route) -> None:
    """Everything that the request names is ours: 404, as for what does not exist."""
    ours, places = street.ours.things, route.places()
    others = ours | {place: random_like(ours[place]) for place in places}
    for dry_run in (True, False):
        first = await ask(street, street.theirs.admin, route, ours, dry_run=dry_run)
        second = await ask(street, street.theirs.admin, route, others, dry_run=dry_run)
        assert first.status == 404, (route, first)
        assert _alike(first, ours, second, others, places), (route, first, second)


async def _one_place(street: Street, route: Route, place: str) -> None:
    """Everything is theirs but what stands in one place, which is ours under one of its names."""
    ours, theirs = street.ours, street.theirs
    query = place in route.query_references and place not in route.places()
    for value in route.spelled(place, ours):
        other = random_like(value)
        pair = []
        for put in (value, other):
            more = {place: put} if query else {}
            things = theirs.things if query else theirs.things | {place: put}
            pair.append((await ask(street, theirs.admin, route, things, **more)).blind(put))
        assert pair[0] == pair[1], (route, place, value, pair)
        assert not pair[0].shows(ours), (route, place, value, pair[0])


def _alike(first: Heard, ours: Mapping[str, str], second: Heard, others: Mapping[str, str], places: list[str]) -> bool:
    return first.blind(*(ours[place] for place in places)) == second.blind(*(others[place] for place in places))


async def _cursors(street: Street, route: Route) -> None:
    """Places in our lists, harvested and made up, lead into nothing but theirs. So do places in our stream."""
    ours, theirs = street.ours, street.theirs
    if route.streams:
        latest = "SELECT transaction_id::text || '-' || position FROM outbox WHERE workspace_id = :w ORDER BY position LIMIT 1"
        last = await street.scalar(latest, w=ours.workspace)
        heard = await ask(street, theirs.admin, route, theirs.things, last_event_id=last)
        assert heard.status == 200 and heard.shows(theirs), (route, heard)  # noqa: PT018 - one answer
        assert not heard.shows(ours), (route, heard)
    if not route.takes("cursor"):
        return
    page = await ask(street, ours.admin, route, ours.things, limit="1")
    harvested = re.findall(r'"next_cursor":"([^"]+)"', page.text)
    made_up = [
        encode_cursor(value)
        for value in (str(random_like(str(ours.workspace))), "00000000-0000-0000-0000-000000000000")
    ]
    made_up += [
        encode_cursor(ours.things[name]) for name in ("credential_id", "cluster", "network", "operation_id", "drift_id")
    ]
    for cursor in [*harvested, *made_up]:
        heard = await ask(street, theirs.admin, route, theirs.things, cursor=cursor)
        assert heard.status in (200, 422), (route, heard)
        assert not heard.shows(ours), (route, cursor, heard)
