"""Clusters: plan, create, list, get, delete, kubeconfig, upgrade, nodes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from skyclust.entrypoints.cli.client import Api, CliError
from skyclust.entrypoints.cli.commands.credentials import find_credential
from skyclust.entrypoints.cli.commands.templates import reference
from skyclust.entrypoints.cli.kubeconfig_files import default_file, merge_into, write_whole
from skyclust.entrypoints.cli.output import Format, show
from skyclust.entrypoints.cli.plans import confirm, show_hops, show_plan
from skyclust.entrypoints.cli.progress import require_success, watch

COLUMNS = (
    ("NAME", "name"), ("PROVIDER", "provider"), ("REGION", "region"), ("VERSION", "version"), ("STATE", "state"),
    ("HIBERNATED", "hibernated"),
    ("POOLS", "node_pools"), ("$/MONTH", "cost.usd_per_month"), ("CREATED", "created_at"),
)  # fmt: skip
NODE_COLUMNS = (
    ("NAME", "name"), ("READY", "ready"), ("VERSION", "version"), ("MACHINE", "machine_type"), ("ZONE", "zone"),
    ("POOL", "node_pool"), ("SCHEDULABLE", "schedulable"),
)  # fmt: skip
Json = dict[str, Any]


def create(
    name: str,
    *,
    provider: str,
    region: str,
    version: str | None = None,
    mode: str | None = None,
    machine_type: str | None = None,
    nodes: int | None = None,
    min_nodes: int | None = None,
    max_nodes: int | None = None,
    spot: bool = False,
    cidr: str | None = None,
    vpc: str | None = None,
    subnets: list[str] | None = None,
    protect: bool = False,
    template: str | None = None,
    credential: str | None = None,
    yes: Annotated[bool, Parameter(name=("--yes", "-y"))] = False,
    wait: bool = True,
    output: Format = "table",
) -> None:
    """Create a cluster with its network. Shows the plan and asks before anything is made.

    Parameters
    ----------
    name
        Unique in its region.
    provider
        Which cloud.
    region
        Where.
    version
        Kubernetes minor version; the provider's default when left out.
    mode
        standard, fargate, autopilot: what the provider offers.
    machine_type
        Of the node pool; needed in standard mode.
    nodes
        Size of the node pool at creation.
    min_nodes
        Switches the autoscaler on, with --max-nodes.
    max_nodes
        Upper bound for the autoscaler.
    spot
        Cheaper machines that the cloud may take back.
    cidr
        Range of the network made with the cluster.
    vpc
        An existing network instead; observed, never changed.
    subnets
        Subnets of --vpc; fitting ones are chosen when left out.
    template
        A template of the workspace, name or name/3; what else is given here wins.
    protect
        Refuse every way to delete it until `skyclust clusters unprotect`.
    credential
        Name or id; needed when there are several for the provider.
    yes
        Do not ask.
    wait
        Follow the operation until it ends.
    output
        table, json or yaml.
    """
    api = Api.from_environment()
    pool = _pool(machine_type, nodes, min_nodes, max_nodes, spot=spot)
    if template and pool is None and nodes is not None:
        pool = {"node_count": nodes}
    network = {"vpc_id": vpc, "subnet_ids": subnets or []} if vpc else ({"cidr_block": cidr} if cidr else None)
    given = {
        "credential_id": find_credential(api, credential, provider)["id"], "name": name, "region": region,
        "version": version, "mode": mode, "network": network, "node_pool": pool, "deletion_protection": protect or None,
        "template": reference(template) if template else None,
    }  # fmt: skip
    body = {key: value for key, value in given.items() if value is not None}
    path = f"/{provider}/kubernetes/clusters"
    planned = api.post(path, body, dry_run=True)
    if output == "table":
        show_plan(planned, f"{name}: EVERYTHING THAT WILL BE MADE")
    confirm("Create it?", yes=yes)
    operation = api.post(path, body | {"plan_digest": planned["digest"]})
    follow(api, operation, wait=wait, output=output)
    if wait:
        show(api.get(f"{path}/{name}", region=region), output, COLUMNS)


def plan(
    name: str, *, provider: str, region: str, machine_type: str | None = None, nodes: int = 3,
    version: str | None = None, mode: str | None = None, credential: str | None = None, output: Format = "table",
) -> None:  # fmt: skip
    """What creating a cluster would make, cost and take; nothing is made."""
    api = Api.from_environment()
    given = {
        "credential_id": find_credential(api, credential, provider)["id"], "name": name, "region": region,
        "version": version, "mode": mode, "node_pool": _pool(machine_type, nodes, None, None, spot=False),
    }  # fmt: skip
    body = {key: value for key, value in given.items() if value is not None}
    planned = api.post(f"/{provider}/kubernetes/clusters", body, dry_run=True)
    if output == "table":
        show_plan(planned, name)
    else:
        show(planned, output)


def list_(
    *, provider: str | None = None, region: str | None = None, state: str | None = None, output: Format = "table"
) -> None:
    """Every cluster of every cloud."""
    show(
        list(Api.from_environment().items("/clusters", provider=provider, region=region, state=state)), output, COLUMNS
    )


def get(name: str, *, provider: str | None = None, region: str | None = None, output: Format = "table") -> None:
    """One cluster."""
    api = Api.from_environment()
    found = find_cluster(api, name, provider, region)
    columns = (
        *COLUMNS,
        ("PROTECTED", "deletion_protection"),
        ("ENDPOINT", "endpoint"),
        ("NETWORK", "network.vpc_id"),
        ("OPERATION", "operation_id"),
        ("ID", "id"),
    )
    show(found, output, columns)


def delete(
    name: str, *, provider: str | None = None, region: str | None = None,
    yes: Annotated[bool, Parameter(name=("--yes", "-y"))] = False, wait: bool = True, output: Format = "table",
) -> None:  # fmt: skip
    """Delete a cluster with everything made for it. Shows all that will go and asks."""
    api = Api.from_environment()
    found = find_cluster(api, name, provider, region)
    path, where = cluster_path(found), place(found)
    planned = api.delete(path, **where, dry_run=True)
    if output == "table":
        show_plan(planned, f"{name}: EVERYTHING THAT WILL GO")
    confirm("Delete it?", yes=yes)
    follow(api, api.delete(path, **where, plan_digest=planned["digest"]), wait=wait, output=output)


def protect(name: str, *, provider: str | None = None, region: str | None = None, output: Format = "table") -> None:
    """Refuse every way to delete a cluster, until it is unprotected."""
    _protect(name, provider, region, output, wanted=True)


def unprotect(name: str, *, provider: str | None = None, region: str | None = None, output: Format = "table") -> None:
    """Let a cluster be deleted again; the audit log says who did."""
    _protect(name, provider, region, output, wanted=False)


def _protect(name: str, provider: str | None, region: str | None, output: Format, *, wanted: bool) -> None:
    api = Api.from_environment()
    found = find_cluster(api, name, provider, region)
    changed = api.patch(cluster_path(found), {"deletion_protection": wanted}, **place(found))
    show(changed, output, (*COLUMNS, ("PROTECTED", "deletion_protection")))


def hibernate(
    name: str, *, provider: str | None = None, region: str | None = None,
    yes: Annotated[bool, Parameter(name=("--yes", "-y"))] = False, wait: bool = True, output: Format = "table",
) -> None:  # fmt: skip
    """All node pools to zero, or the least the cloud allows; shows what that saves and asks."""
    _sleep(name, provider, region, "hibernate", yes=yes, wait=wait, output=output)


def wake(
    name: str, *, provider: str | None = None, region: str | None = None,
    yes: Annotated[bool, Parameter(name=("--yes", "-y"))] = False, wait: bool = True, output: Format = "table",
) -> None:  # fmt: skip
    """Bring a hibernated cluster's node pools back to what they were."""
    _sleep(name, provider, region, "wake", yes=yes, wait=wait, output=output)


def _sleep(
    name: str, provider: str | None, region: str | None, verb: str, *, yes: bool, wait: bool, output: Format
) -> None:
    api = Api.from_environment()
    found = find_cluster(api, name, provider, region)
    path, where = f"{cluster_path(found)}:{verb}", place(found)
    planned = api.post(path, {}, **where, dry_run=True)
    if output == "table":
        show_plan(planned, f"{name}: {verb}")
    confirm(f"{verb.capitalize()} it?", yes=yes)
    follow(api, api.post(path, {}, **where, plan_digest=planned["digest"]), wait=wait, output=output)


def upgrade(
    name: str, *, version: str, provider: str | None = None, region: str | None = None,
    yes: Annotated[bool, Parameter(name=("--yes", "-y"))] = False, wait: bool = True, output: Format = "table",
) -> None:  # fmt: skip
    """Take the control plane and its node pools to another Kubernetes version, one minor version after the other.

    One operation goes all the way, hop by hop; it can be paused and resumed (`skyclust operations pause`).

    Parameters
    ----------
    name
        The cluster.
    version
        Where to, however many minor versions ahead.
    provider
        When the name is not unique.
    region
        When the name is not unique.
    yes
        Do not ask.
    wait
        Follow it to its end.
    output
        table, json or yaml.
    """
    api = Api.from_environment()
    found = find_cluster(api, name, provider, region)
    path, where = cluster_path(found), place(found)
    planned = api.patch(path, {"version": version}, **where, dry_run=True)
    if output == "table":
        show_plan(planned, f"{name}: {found['version']} -> {version}")
        show_hops(planned)
    confirm("Upgrade it?", yes=yes)
    wish = {"version": version, "plan_digest": planned["digest"]}
    follow(api, api.patch(path, wish, **where), wait=wait, output=output)


def kubeconfig(
    *names: str,
    provider: str | None = None,
    region: str | None = None,
    auth: str | None = None,
    every: Annotated[bool, Parameter(name="--all")] = False,
    file: Path | None = None,
    merge: bool = False,
) -> None:
    """Print (or write with --file) a kubeconfig. It holds no static secret.

    Parameters
    ----------
    names
        The cluster, or several for one file.
    provider
        When a name is not unique.
    region
        When a name is not unique.
    auth
        exec (default: kubectl asks `skyclust kube-token`), token (short-lived, inside), cloud (its own plug-in); of one
        cluster only.
    every
        All clusters that you may reach.
    file
        Where to write it, readable by you only.
    merge
        Into the file that kubectl uses (KUBECONFIG, else ~/.kube/config), or --file. What others wrote there stays.
    """
    several = every or merge or len(names) > 1
    if every == bool(names):
        raise CliError("Name clusters, or say --all for every cluster that you may reach.")
    if several and auth not in (None, "exec"):
        raise CliError(
            "Several clusters, and merged files, have users that ask `skyclust kube-token`: leave --auth out."
        )
    api = Api.from_environment()
    found = [find_cluster(api, name, provider, region) for name in names]
    if merge:
        _merge(api.get("/clusters:kubeconfig", cluster_id=_ids(found), format="json"), file)
        return
    if several:
        text = api.text("/clusters:kubeconfig", cluster_id=_ids(found))
    else:
        text = api.text(f"{cluster_path(found[0])}/kubeconfig", **place(found[0]), auth=auth)
    if file is None:
        print(text, end="")
        return
    write_whole(file.absolute(), text.encode())
    print(f"Wrote {file}. Try: kubectl --kubeconfig {file} get nodes")


def _ids(found: list[Json]) -> list[str]:
    return [item["id"] for item in found]


def _merge(ours: Json, file: Path | None) -> None:
    target = file or default_file(os.environ)
    backup = merge_into(target, ours)
    kept = f" What it was before is in {backup}." if backup is not None else ""
    print(f"{target} has {len(ours['contexts'])} contexts of yours.{kept}")
    for item in ours["contexts"]:
        print(f"  kubectl --context {item['name']} get nodes")


def nodes(name: str, *, provider: str | None = None, region: str | None = None, output: Format = "table") -> None:
    """The nodes of a cluster, as its Kubernetes API shows them."""
    api = Api.from_environment()
    found = find_cluster(api, name, provider, region)
    show(list(api.items(f"{cluster_path(found)}/nodes", **place(found))), output, NODE_COLUMNS)


def kube_token(*, cluster_id: str) -> None:
    """Print an ExecCredential for kubectl. Called by the kubeconfig that `clusters kubeconfig` prints."""
    api = Api.from_environment()
    found = api.get(f"/clusters/{cluster_id}")
    show(api.post(f"{cluster_path(found)}/kube-token", {}, **place(found)), "json")


def find_cluster(api: Api, name: str, provider: str | None = None, region: str | None = None) -> Json:
    """By name or id, narrowed by provider and region."""
    named = list(api.items("/clusters", name=name, provider=provider, region=region))
    found = named or ([api.get(f"/clusters/{name}")] if name.count("-") == 4 else [])
    if len(found) == 1:
        return found[0]
    if not found:
        raise CliError(f"There is no cluster {name!r} that you may see. List them: skyclust clusters list")
    choices = "\n".join(f"  --provider {item['provider']} --region {item['region']}" for item in found)
    raise CliError(f"Several clusters are called {name!r}; add one of:\n{choices}")


def cluster_path(cluster: Json) -> str:
    """The cluster's own route."""
    return f"/{cluster['provider']}/kubernetes/clusters/{cluster['name']}"


def place(cluster: Json) -> dict[str, str]:
    """The query that makes a cluster's name unique."""
    return {"region": cluster["region"], "credential_id": cluster["credential_id"]}


def _pool(
    machine_type: str | None, given: int | None, minimum: int | None, maximum: int | None, *, spot: bool
) -> Json | None:
    if machine_type is None:
        return None
    nodes = 3 if given is None else given
    pool: Json = {"name": "default", "machine_type": machine_type, "node_count": nodes, "spot": spot}
    if minimum is not None or maximum is not None:
        pool["auto_scaling"] = {"enabled": True, "min": minimum or nodes, "max": maximum or max(nodes, minimum or 0)}
    return pool


def follow(api: Api, operation: Json, *, wait: bool, output: Format) -> None:
    """Watch an operation to its end, or say how to."""
    if not wait:
        if output == "table":
            print(f"Begun. Follow it with: skyclust operations watch {operation['id']}")
        else:
            show(operation, output)
        return
    require_success(watch(api, [operation["id"]], quiet=output != "table"))
