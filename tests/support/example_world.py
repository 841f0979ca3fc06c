"""One workspace with everything in it, for requests generated from the OpenAPI document; used by examples.py.

The asker administers the workspace and the installation. No engine runs: what is begun stays begun, so that the world
is the same for every request. What would end the run (logging out, suspending, deleting a workspace) is asked by
somebody of their own, about something of its own: `FRESH`.
"""

from base64 import b32decode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count

from building import KEY, REGION, Site, open_site
from by_hand import cluster_by_hand
from skyclust.entrypoints.api import create_app
from skyclust.entrypoints.wiring import Parts
from skyclust.events.bus import InProcessBus
from skyclust.identity import second_factors
from skyclust.identity.passwords import hash_password
from skyclust.kit.db import EVERYTHING
from skyclust.workspaces.models import MemberRow
from tenancy import Person
from tenancy_requests import PASSWORD
from two_tenants import BY_HAND, RATES, Tenant, furnished, trouble_of

WORDS = "spare"
OBSERVED = "observed"
TEMPLATE = "/workspaces/{workspace_id}/cluster-templates/{template}/{number}"
Things = dict[str, str]


@dataclass
class World:
    site: Site
    tenant: Tenant
    password_hash: str
    numbers: count = field(default_factory=count)

    @property
    def house(self):
        return self.site.house

    @property
    def asker(self) -> Person:
        return self.tenant.admin

    async def made(self, path: str, body: dict, by: Person | None = None) -> dict:
        answer = await (by or self.asker).client.post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    async def somebody(self, *, password: bool = False) -> Person:
        """Another administrator of everything, who may be logged out."""
        hashed = self.password_hash if password else "none"
        person = await self.house.person(admin=True, password_hash=hashed)
        row = MemberRow(
            workspace_id=self.tenant.workspace, user_id=person.id, role="admin", created_at=self.house.clock.now()
        )
        async with self.house.database.session(visible=EVERYTHING) as session:
            session.add(row)
        return person

    def name(self) -> str:
        return f"{WORDS}-{next(self.numbers)}"


async def open_world(postgres) -> World:
    site = await open_site(postgres)
    house, state = site.house, site.house.app.state
    settings = state.settings.model_copy(update=dict.fromkeys(RATES, 0) | {"streams_per_user": 10_000})
    parts = Parts(settings, house.database, state.clock, state.providers, state.keyring, state.clouds, InProcessBus())
    house.app = create_app(parts)
    house.anonymous = house.client()
    cluster_by_hand(site, BY_HAND["cluster"])
    tenant = await furnished(site, "ours", 20)
    await _observed(site, tenant)
    await site.sweep(2)
    await trouble_of(tenant)
    await house.execute("UPDATE users SET is_platform_admin = true WHERE id = :id", id=tenant.admin.id)
    return World(site, tenant, await hash_password(PASSWORD))


async def _observed(site: Site, tenant: Tenant) -> None:
    """A cluster and a network that were taken over read-only: they may be managed, and given back."""
    cluster_by_hand(site, OBSERVED)
    body = {"credential_id": tenant.things["credential_id"], "region": REGION, "managed": False}
    for path, name in (("/clusters", OBSERVED), ("/networks", f"{OBSERVED}-net")):
        answer = await tenant.admin.client.post(f"{path}:import", json=body | {"provider": "sim", "name": name})
        assert answer.status_code == 202, answer.text
        await site.succeeded(answer.json())
        found = (await tenant.admin.client.get(f"{path}/{name}")).json()
        tenant.things[f"observed {path}"] = found["id"]


@dataclass(frozen=True)
class Asking:
    """Who asks, and what stands in the places of the request."""

    person: Person
    things: Things
    body: dict | None = None


Fresh = Callable[[World], Awaitable[Asking]]


async def usual(world: World) -> Asking:
    return Asking(world.asker, world.tenant.things)


def _with(**make: Callable[[World], Awaitable[str]]) -> Fresh:
    """Made for this one request."""

    async def fresh(world: World) -> Asking:
        more = {place: await made(world) for place, made in make.items()}
        return Asking(world.asker, world.tenant.things | more)

    return fresh


def _by_somebody(*, password: bool = False, **body) -> Fresh:
    async def fresh(world: World) -> Asking:
        person = await world.somebody(password=password)
        things = world.tenant.things | {"session_id": str(person.session_id)}
        return Asking(person, things, {"email": person.email} | body if body or password else None)

    return fresh


async def _workspace(world: World) -> str:
    return str(await world.house.workspace(world.name(), admin=world.asker))


async def _role(world: World) -> str:
    body = {"name": world.name(), "permissions": ["clusters.read"]}
    return (await world.made(f"/workspaces/{world.tenant.workspace}/roles", body))["name"]


async def _member(world: World) -> str:
    person = await world.house.person()
    await world.made(f"/workspaces/{world.tenant.workspace}/members", {"email": person.email, "role": "viewer"})
    return str(person.id)


async def _newcomer(world: World) -> Asking:
    person = await world.house.person()
    return Asking(world.asker, world.tenant.things, {"email": person.email})


async def _invitation(world: World) -> str:
    body = {"email": f"{world.name()}@example.com", "role": "viewer"}
    return (await world.made(f"/workspaces/{world.tenant.workspace}/invitations", body))["id"]


async def _invited(world: World) -> Asking:
    body = {"email": f"{world.name()}@example.com", "role": "viewer"}
    made = await world.made(f"/workspaces/{world.tenant.workspace}/invitations", body)
    return Asking(world.asker, world.tenant.things, {"token": made["token"]})


async def _joining(world: World) -> Asking:
    person = await world.house.person()
    body = {"email": person.email, "role": "viewer"}
    made = await world.made(f"/workspaces/{world.tenant.workspace}/invitations", body)
    return Asking(person, world.tenant.things, {"token": made["token"]})


async def _template(world: World) -> str:
    body = {"name": world.name(), "provider": "sim", "body": {"version": "1.33"}}
    return (await world.made(f"/workspaces/{world.tenant.workspace}/cluster-templates", body))["name"]


async def _token(world: World) -> str:
    return (await world.made("/tokens", {"name": world.name(), "scopes": ["clusters.read"]}))["id"]


async def _credential(world: World) -> str:
    body = {"name": world.name(), "provider": "sim", "data": {"key": KEY}, "workspace_id": str(world.tenant.workspace)}
    return (await world.made("/credentials", body))["id"]


async def _user(world: World) -> str:
    return str((await world.house.person()).id)


async def _session(world: World) -> Asking:
    person = await world.house.person()
    more = {"user_id": str(person.id), "session_id": str(person.session_id)}
    return Asking(world.asker, world.tenant.things | more)


async def _begun(world: World) -> str:
    """An operation that nobody has taken up yet."""
    number = next(world.numbers)
    body = {
        "credential_id": world.tenant.things["credential_id"], "name": f"net-{number}", "region": REGION,
        "cidr_block": f"10.{100 + number % 100}.0.0/16",
    }  # fmt: skip
    return (await world.made("/sim/network/vpcs", body))["id"]


async def _cancelled(world: World) -> str:
    operation = await _begun(world)
    await world.made(f"/operations/{operation}:cancel", {})
    return operation


async def _signed_in(world: World) -> Asking:
    person = await world.somebody(password=True)
    tokens = await world.made("/auth/login", {"email": person.email, "password": PASSWORD}, person)
    return Asking(person, world.tenant.things, {"refresh_token": tokens["refresh_token"]})


async def _with_factor(world: World) -> Asking:
    """Somebody who signs in with a code; the recovery code is the way to take that off."""
    asking = await _with_secret(world)
    client = asking.person.client
    answer = await client.post("/auth/second-factor:confirm", json={"code": asking.body["code"]})
    assert answer.is_success, answer.text
    body = {"current_password": PASSWORD, "code": answer.json()["recovery_codes"][0]}
    return Asking(asking.person, asking.things, body)


async def _with_secret(world: World) -> Asking:
    person = await world.somebody(password=True)
    made = await world.made("/auth/second-factor", {"current_password": PASSWORD}, person)
    text = made["shared_secret"].replace(" ", "")
    secret = b32decode(text + "=" * (-len(text) % 8))
    code = second_factors.code_at(secret, int(world.house.clock.now().timestamp()) // second_factors.STEP_SECONDS)
    return Asking(person, world.tenant.things | {"user_id": str(person.id)}, {"code": code})


async def _whose_factor(world: World) -> Asking:
    return Asking(world.asker, (await _with_factor(world)).things)


async def _about_observed_cluster(world: World) -> Asking:
    return Asking(world.asker, world.tenant.things | {"cluster": world.tenant.things["observed /clusters"]})


async def _about_observed_network(world: World) -> Asking:
    return Asking(world.asker, world.tenant.things | {"network": world.tenant.things["observed /networks"]})


_SPACE = _with(workspace_id=_workspace)
#: By the operation's name without /api/v1: for whom and about what it is asked, where that is used up.
FRESH: dict[str, Fresh] = {
    "POST /auth/logout": _by_somebody(),
    "DELETE /auth/sessions": _by_somebody(),
    "DELETE /auth/sessions/{session_id}": _by_somebody(),
    "POST /auth/login": _by_somebody(password=True, code=None),
    "POST /auth/refresh": _signed_in,
    "POST /auth/reauthenticate": _by_somebody(password=True),
    "POST /auth/password": _by_somebody(password=True, new_password="another unrelated phrase"),
    "POST /auth/second-factor": _by_somebody(password=True),
    "POST /auth/second-factor:confirm": _with_secret,
    "POST /auth/second-factor:remove": _with_factor,
    "DELETE /users/{user_id}/second-factor": _whose_factor,
    "POST /invitations:accept": _invited,
    "POST /invitations:join": _joining,
    "DELETE /tokens/{token_id}": _with(token_id=_token),
    "PATCH /users/{user_id}": _with(user_id=_user),
    "DELETE /users/{user_id}/sessions": _with(user_id=_user),
    "DELETE /users/{user_id}/sessions/{session_id}": _session,
    "PATCH /workspaces/{workspace_id}": _SPACE,
    "DELETE /workspaces/{workspace_id}": _SPACE,
    "POST /workspaces/{workspace_id}:suspend": _SPACE,
    "POST /workspaces/{workspace_id}:resume": _SPACE,
    "PUT /workspaces/{workspace_id}/quotas": _SPACE,
    "POST /workspaces/{workspace_id}/members": _newcomer,
    "PATCH /workspaces/{workspace_id}/members/{user_id}": _with(user_id=_member),
    "DELETE /workspaces/{workspace_id}/members/{user_id}": _with(user_id=_member),
    "PATCH /workspaces/{workspace_id}/roles/{name}": _with(name=_role),
    "DELETE /workspaces/{workspace_id}/roles/{name}": _with(name=_role),
    "DELETE /workspaces/{workspace_id}/invitations/{invitation_id}": _with(invitation_id=_invitation),
    f"DELETE {TEMPLATE}": _with(template=_template),
    f"POST {TEMPLATE}:deprecate": _with(template=_template),
    "PATCH /credentials/{credential_id}": _with(credential_id=_credential),
    "DELETE /credentials/{credential_id}": _with(credential_id=_credential),
    "POST /operations/{operation_id}:cancel": _with(operation_id=_begun),
    "POST /operations/{operation_id}:pause": _with(operation_id=_begun),
    "POST /operations/{operation_id}:resume": _with(operation_id=_cancelled),
}
#: Of these, what takes password hashes to make: wrong data is refused without.
COSTLY = {
    "POST /auth/login", "POST /auth/refresh", "POST /auth/reauthenticate", "POST /auth/password",
    "POST /auth/second-factor", "POST /auth/second-factor:confirm", "POST /auth/second-factor:remove",
    "DELETE /users/{user_id}/second-factor",
}  # fmt: skip
#: Likewise, of what other requests need as it is: rehearsed first.
ABOUT: dict[str, Fresh] = {
    f"POST {path}:{verb}": about
    for path, about in (
        ("/clusters/{cluster}", _about_observed_cluster),
        ("/{provider}/kubernetes/clusters/{cluster}", _about_observed_cluster),
        ("/networks/{network}", _about_observed_network),
        ("/{provider}/network/vpcs/{network}", _about_observed_network),
    )
    for verb in ("manage", "release")
}
