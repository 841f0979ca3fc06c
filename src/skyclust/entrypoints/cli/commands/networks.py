"""Networks: create, list, get, delete with a preview of everything inside."""

from __future__ import annotations

from typing import Annotated, Any

from cyclopts import Parameter

from skyclust.entrypoints.cli.client import Api, CliError
from skyclust.entrypoints.cli.commands.credentials import find_credential
from skyclust.entrypoints.cli.output import Format, print_table, show
from skyclust.entrypoints.cli.plans import confirm, show_plan
from skyclust.entrypoints.cli.progress import require_success, watch

COLUMNS = (
    ("NAME", "name"), ("PROVIDER", "provider"), ("REGION", "region"), ("CIDR", "cidr_block"), ("STATE", "state"),
    ("CLOUD ID", "external_id"), ("CLUSTER", "cluster_id"), ("ID", "id"),
)  # fmt: skip
INSIDE = (("KIND", "kind"), ("ID", "external_id"), ("NAME", "name"), ("WHOSE", "origin"), ("WHY", "why"))


def create(
    name: str, *, provider: str, region: str, cidr: str | None = None, credential: str | None = None,
    protect: bool = False,
    yes: Annotated[bool, Parameter(name=("--yes", "-y"))] = False,
) -> None:  # fmt: skip
    """Create a network of its own."""
    api = Api.from_environment()
    body = {
        "credential_id": find_credential(api, credential, provider)["id"],
        "name": name,
        "region": region,
        "deletion_protection": protect,
        **({"cidr_block": cidr} if cidr else {}),
    }
    path = f"/{provider}/network/vpcs"
    planned = api.post(path, body, dry_run=True)
    show_plan(planned, name)
    confirm("Create it?", yes=yes)
    agreed = body | {"cidr_block": planned["cidr_block"]}
    require_success(watch(api, [api.post(path, agreed)["id"]]))


def free_ranges(
    *, prefix_length: int = 16, within: str = "10.0.0.0/8", count: int = 3, provider: str | None = None,
    region: str | None = None, output: Format = "table",
) -> None:  # fmt: skip
    """Address ranges that overlap nothing you have, on whatever cloud."""
    found = Api.from_environment().get(
        "/networks:free-ranges", prefix_length=prefix_length, within=within, count=count, provider=provider,
        region=region,
    )  # fmt: skip
    show(found["items"], output, (("CIDR", "cidr_block"), ("ADDRESSES", "addresses")))


def list_(*, provider: str | None = None, output: Format = "table") -> None:
    """Every network of every cloud."""
    show(list(Api.from_environment().items("/networks", provider=provider)), output, COLUMNS)


def get(name: str, *, output: Format = "table") -> None:
    """One network."""
    show(find_network(Api.from_environment(), name), output, COLUMNS)


def protect(name: str, *, output: Format = "table") -> None:
    """Refuse every way to delete a network, until it is unprotected."""
    _protect(name, output, wanted=True)


def unprotect(name: str, *, output: Format = "table") -> None:
    """Let a network be deleted again; the audit log says who did."""
    _protect(name, output, wanted=False)


def _protect(name: str, output: Format, *, wanted: bool) -> None:
    api = Api.from_environment()
    found = find_network(api, name)
    path = f"/{found['provider']}/network/vpcs/{found['id']}"
    show(api.patch(path, {"deletion_protection": wanted}), output, (*COLUMNS, ("PROTECTED", "deletion_protection")))


def delete(name: str, *, yes: Annotated[bool, Parameter(name=("--yes", "-y"))] = False) -> None:
    """Delete a network with what belongs to it; refused, by name, when something foreign is inside."""
    api = Api.from_environment()
    found = find_network(api, name)
    path = f"/{found['provider']}/network/vpcs/{found['id']}"
    planned = api.get(f"{path}:deletion-plan")
    show_plan(planned, f"{found['name']}: EVERYTHING THAT WILL GO")
    if planned.get("inventory"):
        print_table(planned["inventory"], INSIDE)
    confirm("Delete it?", yes=yes)
    require_success(watch(api, [api.delete(path, plan_digest=planned["digest"])["id"]]))


def find_network(api: Api, name: str) -> dict[str, Any]:
    """By name, our id or the cloud's id."""
    found = [item for item in api.items("/networks") if name in (item["name"], item["id"], item.get("external_id"))]
    if len(found) == 1:
        return found[0]
    if not found:
        raise CliError(f"There is no network {name!r} that you may see. List them: skyclust networks list")
    choices = "\n".join(f"  {item['id']}  {item['provider']}  {item['region']}" for item in found)
    raise CliError(f"Several networks are called {name!r}; give one of these ids instead:\n{choices}")
