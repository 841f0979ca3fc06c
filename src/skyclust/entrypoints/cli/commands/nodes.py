"""Nodes of a cluster: list, get, cordon, uncordon, drain."""

from __future__ import annotations

from typing import Annotated, Any

from cyclopts import Parameter

from skyclust.entrypoints.cli.client import Api, CliError
from skyclust.entrypoints.cli.commands.clusters import cluster_path, find_cluster, place
from skyclust.entrypoints.cli.output import Format, console, print_table, show
from skyclust.entrypoints.cli.plans import confirm
from skyclust.entrypoints.cli.progress import require_success, watch

COLUMNS = (
    ("NAME", "name"), ("STATE", "state"), ("VERSION", "version"), ("MACHINE", "machine_type"), ("ZONE", "zone"),
    ("POOL", "node_pool"), ("ADDRESS", "internal_ip"), ("CREATED", "created_at"),
)  # fmt: skip
DETAILS = (
    *COLUMNS, ("OS", "os_image"), ("KERNEL", "kernel_version"), ("RUNTIME", "container_runtime"),
    ("CPU", "allocatable.cpu"), ("MEMORY", "allocatable.memory"), ("PODS AT MOST", "allocatable.pods"),
)  # fmt: skip
CONDITIONS = (("CONDITION", "type"), ("STATUS", "status"), ("REASON", "reason"), ("MESSAGE", "message"))
PODS = (
    ("NAMESPACE", "namespace"), ("POD", "name"), ("PHASE", "phase"), ("READY", "ready"), ("RESTARTS", "restarts"),
    ("OWNER", "owner"),
)  # fmt: skip
DRAINED = (("NAMESPACE", "namespace"), ("POD", "name"), ("WHAT", "what"), ("WHY", "message"))
Json = dict[str, Any]
Yes = Annotated[bool, Parameter(name=("--yes", "-y"))]


def list_(cluster: str, *, provider: str | None = None, region: str | None = None, output: Format = "table") -> None:
    """The nodes of a cluster, as its Kubernetes API shows them now."""
    api = Api.from_environment()
    found = find_cluster(api, cluster, provider, region)
    show(list(api.items(f"{cluster_path(found)}/nodes", **place(found))), output, COLUMNS)


def get(
    cluster: str, node: str, *, provider: str | None = None, region: str | None = None, output: Format = "table"
) -> None:
    """One node: its conditions, its room, and the pods on it."""
    api = Api.from_environment()
    found = find_cluster(api, cluster, provider, region)
    answer = api.get(f"{cluster_path(found)}/nodes/{node}", **place(found))
    show(answer, output, DETAILS)
    if output == "table":
        for rows, columns in ((answer["conditions"], CONDITIONS), (answer["pods"], PODS)):
            print()
            print_table(rows, columns)


def cordon(
    cluster: str, node: str, *, provider: str | None = None, region: str | None = None, dry_run: bool = False,
    output: Format = "table",
) -> None:  # fmt: skip
    """Let no new pods onto a node; those on it stay."""
    _mark(cluster, node, "cordon", provider, region, output, dry_run=dry_run)


def uncordon(
    cluster: str, node: str, *, provider: str | None = None, region: str | None = None, dry_run: bool = False,
    output: Format = "table",
) -> None:  # fmt: skip
    """Let pods onto a node again."""
    _mark(cluster, node, "uncordon", provider, region, output, dry_run=dry_run)


def _mark(
    cluster: str, node: str, verb: str, provider: str | None, region: str | None, output: Format, *, dry_run: bool
) -> None:
    api = Api.from_environment()
    found = find_cluster(api, cluster, provider, region)
    show(api.post(f"{cluster_path(found)}/nodes/{node}/{verb}", {}, **place(found), dry_run=dry_run), output, COLUMNS)


def drain(
    cluster: str,
    node: str,
    *,
    provider: str | None = None,
    region: str | None = None,
    timeout: int = 900,
    grace_period: int | None = None,
    force: bool = False,
    delete_emptydir_data: bool = False,
    dry_run: bool = False,
    yes: Yes = False,
    wait: bool = True,
    output: Format = "table",
) -> None:
    """Have a node's pods evicted, honouring disruption budgets. Shows what would go and asks.

    Parameters
    ----------
    provider
        When the name is not unique.
    region
        When the name is not unique.
    timeout
        Seconds that one pod is waited for.
    grace_period
        Seconds that pods get to end; what each of them says when left out.
    force
        Also pods that nothing makes anew.
    delete_emptydir_data
        Also pods whose emptyDir data is lost.
    dry_run
        Only show what would go, what would be held and by which budget, and what forbids it.
    yes
        Do not ask.
    wait
        Follow it until it ends.
    """
    api = Api.from_environment()
    found = find_cluster(api, cluster, provider, region)
    path = f"{cluster_path(found)}/nodes/{node}/drain"
    body = {
        "timeout_seconds": timeout, "grace_period_seconds": grace_period, "force": force,
        "delete_emptydir_data": delete_emptydir_data,
    }  # fmt: skip
    plan = api.post(path, body, **place(found), dry_run=True)
    _show(plan, output, quiet=not dry_run and output != "table")
    if not plan["ok"]:
        raise CliError(f"{node} cannot be drained as it is: see what is refused, and the flag that allows it.")
    if dry_run:
        return
    confirm(f"Drain {node}?", yes=yes)
    begun = api.post(path, body | {"plan_digest": plan["digest"]}, **place(found))
    ended = watch(api, [begun["id"]], quiet=output != "table") if wait else [begun]
    if output != "table":
        show(ended[0], output)
    if wait:
        require_success(ended)
        console().print(f"{node} is empty and takes no new pods: skyclust nodes uncordon {cluster} {node}")
    else:
        console().print(f"Draining. Follow it: skyclust operations watch {begun['id']}")


def _show(plan: Json, output: Format, *, quiet: bool) -> None:
    if quiet:
        return
    if output != "table":
        show(plan, output)
        return
    held = {(pod["namespace"], pod["name"]) for pod in plan["blocked"]}
    rows = [pod | {"what": "refused"} for pod in plan["refused"]]
    rows += [pod | {"what": "held"} for pod in plan["blocked"]]
    rows += [pod | {"what": "evicted"} for pod in plan["evicts"] if (pod["namespace"], pod["name"]) not in held]
    rows += [pod | {"what": "stays"} for pod in plan["kept"]]
    print_table(rows, DRAINED)
