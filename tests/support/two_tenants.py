"""Two workspaces on the real application, each with one of everything that a workspace can have.

Used by tests/security. What a request names of a tenant is in `things`, by the name of the parameter that takes it;
`spellings` has other names for the same things: ids of the cloud, plain names. `traces` are more texts of theirs.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text

from building import KEY, PATH, REGION, Site, cluster_body
from by_hand import cluster_by_hand
from skyclust.entrypoints.api import create_app
from skyclust.entrypoints.wiring import Parts
from skyclust.events.bus import InProcessBus
from skyclust.kit.db import EVERYTHING
from skyclust.providers.sim.world import Wanted
from skyclust.workspaces.models import MemberRow, RoleRow
from tenancy import Person

#: What somebody made in the clouds' account without us: one may take it over.
BY_HAND = {"network": "by-hand-net", "cluster": "by-hand"}
RULE = {"protocol": "tcp", "from_port": 443, "to_port": 443, "cidrs": ["0.0.0.0/0"]}


#: Things that only mean something inside another thing.
PLAIN = frozenset({"pool", "addon", "node", "namespace", "pod", "free_block", "number"})


@dataclass
class Tenant:
    """A workspace, who is in it, and what is in it."""

    admin: Person
    viewer: Person
    probe: Person
    workspace: UUID
    things: dict[str, str] = field(default_factory=dict)
    spellings: dict[str, list[str]] = field(default_factory=dict)
    traces: set[str] = field(default_factory=set)

    def marks(self) -> set[str]:
        """Every text by which an answer would betray that the tenant's things are in it."""
        named = {value for place, value in self.things.items() if place not in PLAIN}
        return named.union(self.traces, *self.spellings.values())


RATES = ("requests_per_minute", "sign_ins_per_minute", "costly_per_minute")


@dataclass
class Street:
    """Both of them, an administrator of the installation, and people whose tokens are worth nothing any more."""

    site: Site
    ours: Tenant
    theirs: Tenant
    root: Person
    revoked: Person

    @property
    def house(self):
        return self.site.house

    async def scalar(self, sql: str, **parameters):
        """What is in the database, whoever's it is."""
        async with self.house.database.session(visible=EVERYTHING) as session:
            return await session.scalar(text(sql), parameters)

    async def probe_holds(self, tenant: Tenant, permissions) -> None:
        """From now on the tenant's probe has exactly these permissions."""
        async with self.house.database.session(visible=EVERYTHING) as session:
            role = await session.get_one(RoleRow, (tenant.workspace, "probe"))
            role.permissions = sorted(permissions)


async def open_street(site: Site) -> Street:
    """Seed both tenants. `theirs` is complete too, so that its own requests would succeed."""
    house, state = site.house, site.house.app.state
    bus = InProcessBus()
    without_limits = dict.fromkeys(RATES, 0)  # the matrix asks faster than people do
    public = {"public_url": "https://skyclust.example.com", "docs": "open"}
    settings = state.settings.model_copy(update=without_limits | public)
    house.app = create_app(
        Parts(settings, house.database, state.clock, state.providers, state.keyring, state.clouds, bus)
    )
    house.anonymous = house.client()
    cluster_by_hand(site, BY_HAND["cluster"])
    ours = await furnished(site, "ours", 20)
    theirs = await furnished(site, "theirs", 60)
    await site.sweep(2)
    for tenant in (ours, theirs):
        await trouble_of(tenant)
    root, revoked = await house.person("root@example.com", admin=True), await house.person("gone@example.com")
    for tenant in (ours, theirs):
        await _platform_rows(house, root, tenant)
    async with house.database.session(visible=EVERYTHING) as session:
        session.add(_member(ours, revoked, "admin"))
    assert (await revoked.client.post("/auth/logout")).status_code == 204
    return Street(site, ours, theirs, root, revoked)


def _member(tenant: Tenant, person: Person, role: str) -> MemberRow:
    return MemberRow(workspace_id=tenant.workspace, user_id=person.id, role=role, created_at=datetime.now(UTC))


async def furnished(site: Site, name: str, block: int) -> Tenant:
    house = site.house
    admin, viewer, probe, mate = [
        await house.person(f"{who}@{name}.example.com") for who in ("admin", "viewer", "probe", "mate")
    ]
    tenant = Tenant(admin, viewer, probe, await house.workspace(name, admin=admin, viewer=viewer))
    async with house.database.session(visible=EVERYTHING) as session:
        row = {"workspace_id": tenant.workspace, "description": "", "permissions": [], "created_at": house.clock.now()}
        session.add(RoleRow(name="probe", **row))
        await session.flush()
        session.add(_member(tenant, probe, "probe"))
    await _people(tenant, name, mate)
    body = {"name": f"{name}-account", "provider": "sim", "data": {"key": KEY}}
    tenant.things |= {
        "workspace_id": str(tenant.workspace),
        "user_id": str(mate.id),
        "session_id": str(admin.session_id),
        "credential_id": (await _made(admin, "/credentials", body))["id"],
        "actor": admin.email,
        "pool": "default",
        "addon": "dns",
        "node": "n-1",
        "namespace": "shop",
        "pod": "web-1",
        "free_block": f"10.{block}.9.0/24",
    }
    await _network(site, tenant, name, f"10.{block}")
    await _cluster(site, tenant, name, f"10.{block + 1}")
    await _peering(site, tenant, name, f"10.{block + 2}")
    return tenant


async def _made(person: Person, path: str, body: dict, headers: dict | None = None) -> dict:
    response = await person.client.post(path, json=body, headers=headers)
    assert response.is_success, response.text
    return response.json()


async def _read(person: Person, path: str, **query) -> dict:
    response: httpx.Response = await person.client.get(path, params=query)
    assert response.status_code == 200, response.text
    return response.json()


async def _people(tenant: Tenant, name: str, mate: Person) -> None:
    here, admin = f"/workspaces/{tenant.workspace}", tenant.admin
    role = {"name": f"{name}-role", "permissions": ["clusters.read"]}
    member = {"email": mate.email, "role": f"{name}-role"}
    invitation = {"email": f"guest@{name}.example.com", "role": "viewer"}
    token = {"name": f"{name}-token", "scopes": ["clusters.read"]}
    tenant.things["name"] = (await _made(admin, f"{here}/roles", role))["name"]
    await _made(admin, f"{here}/members", member)
    tenant.things["role"] = tenant.things["name"]
    tenant.things["invitation_id"] = (await _made(admin, f"{here}/invitations", invitation))["id"]
    tenant.things["token_id"] = (await _made(admin, "/tokens", token))["id"]


async def _network(site: Site, tenant: Tenant, name: str, block: str) -> None:
    body = {
        "credential_id": tenant.things["credential_id"], "name": f"{name}-net", "region": REGION,
        "cidr_block": f"{block}.0.0/16", "subnets": [{"name": f"{name}-sub", "cidr_block": f"{block}.1.0/24"}],
        "security_groups": [{"name": f"{name}-group", "rules": [RULE]}],
    }  # fmt: skip
    await site.succeeded(await _made(tenant.admin, "/sim/network/vpcs", body))
    [network] = (await _read(tenant.admin, "/networks"))["items"]
    [subnet] = (await _read(tenant.admin, "/sim/network/subnets"))["items"]
    [group] = (await _read(tenant.admin, "/sim/network/security-groups"))["items"]
    things = {"network": network, "vpc_id": network, "subnet": subnet, "group": group}
    tenant.things |= {key: thing["id"] for key, thing in things.items()}
    tenant.things["rule"] = group["rules"][0]["id"]
    tenant.spellings |= {key: [thing["external_id"]] for key, thing in things.items()}
    tenant.spellings["network"].append(network["name"])
    tenant.spellings["network_id"] = [*tenant.spellings["network"]]
    tenant.things["network_id"] = network["id"]


async def _peering(site: Site, tenant: Tenant, name: str, block: str) -> None:
    """With a hub; `peer_network_id` is one that the network could be peered with besides."""
    body = {
        "credential_id": tenant.things["credential_id"], "name": f"{name}-hub", "region": REGION,
        "cidr_block": f"{block}.0.0/16",
    }  # fmt: skip
    await site.succeeded(await _made(tenant.admin, "/sim/network/vpcs", body))
    wanted = {"name": f"{name}-peering", "network_id": tenant.things["network"], "peer_network_id": body["name"]}
    await site.succeeded(await _made(tenant.admin, "/sim/network/peerings", wanted))
    [peering] = (await _read(tenant.admin, "/sim/network/peerings"))["items"]
    tenant.things["peering"] = peering["id"]
    tenant.spellings["peering"] = [peering["external_id"]]
    networks = (await _read(tenant.admin, "/networks"))["items"]
    tenant.traces |= {item["id"] for item in networks if item["name"] == body["name"]}
    [other] = [item for item in networks if item["owned_by"] is not None]
    tenant.things["peer_network_id"] = other["id"]
    tenant.spellings["peer_network_id"] = [other["external_id"]]


async def _cluster(site: Site, tenant: Tenant, name: str, block: str) -> None:
    credential = tenant.things["credential_id"]
    body = cluster_body(
        credential, f"{name}-cluster", network={"cidr_block": f"{block}.0.0/16"}, addons=[{"name": "dns"}]
    )
    operation = await _made(tenant.admin, PATH, body)
    await site.succeeded(operation)
    [cluster] = (await _read(tenant.admin, "/clusters"))["items"]
    guest = cluster_body(credential, f"{name}-guest", network={"vpc_id": tenant.spellings["network"][0]})
    await _made(tenant.admin, PATH, guest, {"Idempotency-Key": f"{name}-once"})
    tenant.things |= {
        "cluster": cluster["id"],
        "operation_id": operation["id"],
        "target_id": cluster["id"],
        "target": f"cluster/{cluster['id']}",
    }
    tenant.spellings["cluster"] = [cluster["name"]]
    template = {"name": f"{name}-preset", "provider": "sim", "body": {"version": "1.33"}}
    await _made(tenant.admin, f"/workspaces/{tenant.workspace}/cluster-templates", template)
    tenant.things |= {"template": template["name"], "number": "1"}
    sleeps = {"time_zone": "UTC", "rules": [{"do": "wake", "days": ["sun"], "at": "06:00"}]}
    put = await tenant.admin.client.put(f"{PATH}/{cluster['name']}/hibernation-schedule", json=sleeps)
    assert put.status_code == 200, put.text
    stack = await site.house.scalar("SELECT stack_id FROM clusters WHERE id = :id", id=UUID(cluster["id"]))
    pool = next(
        item for item in site.world.resources()
        if item.kind == "node_pool" and item.tags.get("skyclust:stack") == str(stack)
    )  # fmt: skip
    pool.fields = {**pool.fields, "node_count": 7}
    tags = {"skyclust:resource": str(uuid4()), "skyclust:stack": str(stack)}
    left = site.world.enter(Wanted("gateway", REGION, f"{name}-left", {}, frozenset()), tags)
    tenant.traces.add(left.id)


async def _platform_rows(house, root: Person, tenant: Tenant) -> None:
    """What only the installation writes about a tenant."""
    quotas = await root.client.put(f"/workspaces/{tenant.workspace}/quotas", json={"clusters": 9})
    assert quotas.status_code == 200, quotas.text
    await house.execute(
        "INSERT INTO audit_anchors SELECT chain, workspace_id, 0, hash, now(), :key, hash FROM audit_heads "
        "WHERE workspace_id = :w", w=tenant.workspace, key=house.keyring.active_id,
    )  # fmt: skip


async def trouble_of(tenant: Tenant) -> None:
    [drift] = (await _read(tenant.admin, "/drift"))["items"]
    [orphan] = (await _read(tenant.admin, "/orphans"))["items"]
    tenant.things |= {"drift_id": drift["id"], "orphan_id": orphan["id"]}
    tenant.traces.add(drift["external_id"])
