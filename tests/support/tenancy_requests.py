"""Requests for every route of the application, with the places in them where the id of somebody's thing goes.

Used by tests/security. Paths and queries come from the route table, bodies from `BODIES` by the name of their schema;
"{credential_id}" in a body is such a place.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from building import KEY, REGION
from tenancy_policy import POLICY, SYNONYMS, Entry
from two_tenants import BY_HAND, PLAIN, RULE, Tenant

POOL = {"name": "fresh", "machine_type": "small", "node_count": 1}
CLUSTER = {"name": "fresh", "region": REGION}
PASSWORD = "some unrelated words"
HERE = {"credential_id": "{credential_id}", "workspace_id": "{workspace_id}"}
IMPORT = HERE | {"region": REGION}

#: What is sent where a body is asked for, by its schema.
BODIES: dict[str, Any] = {
    "LoginBody": {"email": "nobody@example.com", "password": PASSWORD},
    "RefreshBody": {"refresh_token": "x"},
    "ReauthenticationBody": {"password": PASSWORD},
    "PasswordBody": {"current_password": PASSWORD, "new_password": PASSWORD},
    "CurrentPasswordBody": {"current_password": PASSWORD},
    "CodeBody": {"code": "123456"},
    "FactorRemovalBody": {"current_password": PASSWORD, "code": "123456"},
    "RegisterBody": {"email": "first@example.com", "password": PASSWORD},
    "AcceptanceBody": {"token": "x", "password": PASSWORD},
    "JoinBody": {"token": "x"},
    "SignOnTokensBody": {"grant": "x", "verifier": "x" * 43},
    "ApiTokenBody": {"name": "t", "scopes": ["clusters.read"], "workspace_id": "{workspace_id}"},
    "UserBody": {"email": "new@example.com", "password": PASSWORD},
    "UserPatch": {"display_name": "x"},
    "WorkspaceBody": {"name": "another"},
    "SuspensionBody": {"reason": "unpaid"},
    "QuotasBody": {"clusters": 9},
    "RoleBody": {"name": "fresh", "permissions": ["clusters.read"]},
    "RolePatch": {"permissions": []},
    "MemberBody": {"email": "root@example.com", "role": "{role}"},
    "MemberPatch": {"role": "{role}"},
    "InvitationBody": {"email": "new@example.com", "role": "{role}"},
    "CredentialBody": {
        "name": "fresh",
        "provider": "sim",
        "data": {"key": KEY},
        "workspace_id": "{workspace_id}",
    },
    "CredentialPatch": {"name": "renamed"},
    "ClusterBody": HERE | CLUSTER | {"node_pool": POOL, "network": {"vpc_id": "{vpc_id}"}},
    "UnifiedClusterBody": HERE
    | {"provider": "sim", "cluster": CLUSTER, "node_pool": POOL, "network": {"vpc_id": "{vpc_id}"}},
    "ClusterPatchBody": {"version": "1.34"},
    "HibernationScheduleBody": {
        "time_zone": "UTC",
        "rules": [{"do": "hibernate", "days": ["mon"], "at": "20:00"}],
    },
    "CloneBody": HERE | {"name": "fresh"},
    "ClusterTemplateBody": {"name": "fresh", "provider": "sim", "body": {"version": "1.33"}},
    "DeprecationBody": {"reason": "old"},
    "NewNodePoolBody": POOL,
    "NodePoolPatchBody": {"node_count": 3},
    "ScaleBody": {"node_count": 3},
    "NewAddonBody": {"name": "metrics"},
    "AddonPatchBody": {"configuration": {"replicas": 2}},
    "DrainBody": {"timeout_seconds": 60},
    "NetworkBody": HERE | CLUSTER | {"cidr_block": "10.90.0.0/16"},
    "UnifiedNetworkBody": HERE | {"provider": "sim", "network": CLUSTER | {"cidr_block": "10.90.0.0/16"}},
    "NetworkPatchBody": {"routing_mode": "global"},
    "SubnetBody": {
        "credential_id": "{credential_id}",
        "vpc_id": "{vpc_id}",
        "name": "fresh",
        "cidr_block": "{free_block}",
    },
    "SubnetPatchBody": {"public": True},
    "SecurityGroupBody": {"credential_id": "{credential_id}", "vpc_id": "{vpc_id}", "name": "fresh", "rules": [RULE]},
    "SecurityGroupPatchBody": {"description": "another"},
    "NewRuleBody": RULE | {"from_port": 80, "to_port": 80},
    "PeeringBody": {"name": "fresh", "network_id": "{network_id}", "peer_network_id": "{peer_network_id}"},
    "ImportBody": IMPORT,
    "UnifiedImportBody": IMPORT | {"provider": "sim"},
    "AcceptBody": {},
    "RepairBody": {},
    "SweepBody": {"orphan_ids": ["{orphan_id}"]},
}
#: Query parameters that name somebody's thing. The others only narrow or page.
REFERENCES = frozenset({"workspace_id", "credential_id", "vpc_id", "cluster", "target_id", "actor", "target"})
CONSTANTS = {"provider": "sim", "region": REGION, "version": "1.33"}


@dataclass(frozen=True)
class Route:
    """One route: what it is called, its policy, and how to ask it."""

    method: str
    path: str
    entry: Entry
    parameters: tuple[Mapping[str, Any], ...] = ()
    body: Any = None
    #: Answers without end.
    streams: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def query_references(self) -> list[str]:
        """Query parameters that may name a thing."""
        return [p["name"] for p in self.parameters if p["in"] == "query" and p["name"] in REFERENCES]

    def takes(self, name: str) -> bool:
        """Whether there is such a query parameter."""
        return any(p["in"] == "query" and p["name"] == name for p in self.parameters)

    def places(self) -> list[str]:
        """Every place in path, required query and body where a thing is named."""
        found = [part.partition("}")[0].partition(":")[0] for part in self.path.split("{")[1:]]
        found += [name for name in self._required() if name in REFERENCES]
        return [name for name in dict.fromkeys([*found, *_places_in(self.body)]) if name not in {*CONSTANTS, *PLAIN}]

    def spelled(self, place: str, tenant: Tenant) -> list[str]:
        """Every name of the tenant's thing that may stand there."""
        by_the_cloud = place == "vpc_id" and self.path.endswith("/clusters")  # the account's cloud judges its own ids
        return [tenant.things[place], *([] if by_the_cloud else tenant.spellings.get(place, []))]

    def _required(self) -> list[str]:
        """Query parameters that are always sent. A credential without a default region needs one to look into."""
        looks = self.path.endswith(":importable")
        return [
            p["name"]
            for p in self.parameters
            if p["in"] == "query" and (p.get("required") or (looks and p["name"] == "region"))
        ]

    def asked(self, things: Mapping[str, str], *, dry_run: bool = True, **query: str) -> dict[str, Any]:
        """The request as keyword arguments of an HTTP client; a rehearsal where the route has that."""
        values = {**things, **CONSTANTS}
        path = self.path.replace(":path}", "}")
        for name, value in values.items():
            path = path.replace("{" + name + "}", value)
        params = {name: values.get(name, "x" * 43) for name in self._required()} | query
        if dry_run and self.takes("dry_run"):
            params["dry_run"] = "true"
        asked = {"method": self.method, "url": f"http://skyclust{path}", "params": params}
        return asked if self.body is None else asked | {"json": filled(self.body, values)}


def _places_in(body: Any) -> Iterator[str]:
    if isinstance(body, dict):
        for value in body.values():
            yield from _places_in(value)
    elif isinstance(body, list):
        for value in body:
            yield from _places_in(value)
    elif isinstance(body, str) and body.startswith("{"):
        yield body.strip("{}")


def filled(body: Any, values: Mapping[str, str]) -> Any:
    if isinstance(body, dict):
        return {key: filled(value, values) for key, value in body.items()}
    if isinstance(body, list):
        return [filled(value, values) for value in body]
    return values[body.strip("{}")] if isinstance(body, str) and body.startswith("{") else body


def documented_name(path: str) -> str:
    """The path under its first word, and as the OpenAPI document writes it."""
    for word, first in SYNONYMS.items():
        path = path.replace(word, first)
    return path.replace(":path}", "}")


def table_of(app: FastAPI) -> list[tuple[str, str]]:
    """Method and path of every route, those that are not in the document included.

    But for the console's files, which depend on what was built and are the same for everybody: test_console.py.
    """
    return [
        (method, context.path)
        for context in iter_route_contexts(app.routes)
        if getattr(context.endpoint, "__module__", "") != "skyclust.entrypoints.console"
        for method in sorted(context.methods or ())
        if method != "HEAD"
    ]


def routes_of(app: FastAPI) -> list[Route]:
    """Every route that has a policy."""
    document = app.openapi()
    found = []
    for method, path in table_of(app):
        name = documented_name(path)
        entry = POLICY.get(f"{method} {name}")
        operation = document["paths"].get(name, {}).get(method.lower(), {})
        if entry is not None:
            streams = "text/event-stream" in operation.get("responses", {}).get("200", {}).get("content", {})
            parameters = tuple(operation.get("parameters", ()))
            found.append(Route(method, path, entry, parameters, body_of(name, operation), streams))
    return found


def body_of(path: str, operation: Mapping[str, Any]) -> Any:
    """What to send; a schema that is not in `BODIES` is an error."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return None
    schema = content["schema"]
    reference = schema.get("$ref") or next(each["$ref"] for each in schema["anyOf"] if "$ref" in each)
    body = BODIES[reference.rpartition("/")[2]]
    return body | {"name": BY_HAND["network" if "network" in path else "cluster"]} if "Import" in reference else body


def random_like(value: str) -> str:
    """A name of the same shape that nothing has."""
    try:
        UUID(value)
    except ValueError:
        return f"nothing-{uuid4().hex[:8]}"
    return str(uuid4())
