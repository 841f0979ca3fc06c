"""`make demo`: the multi-cloud scenario from nothing. EKS, GKE and AKS clusters with their networks, at the same time.

Starts `skyclust up --sandbox` as a user would and then only speaks the API. With --exit it ends after the scenario,
with status 0 only if everything is ready; otherwise it keeps serving.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skyclust.entrypoints.cli.client import Api, CliError
from skyclust.entrypoints.cli.commands.clusters import COLUMNS, cluster_path, place
from skyclust.entrypoints.cli.context import Context
from skyclust.entrypoints.cli.output import console, print_table
from skyclust.entrypoints.cli.plans import show_plan
from skyclust.entrypoints.cli.progress import require_success, watch

Json = dict[str, Any]


@dataclass(frozen=True)
class Wish:
    """One cluster of the scenario. `credential` picks the account's data out of what the sandbox announced."""

    provider: str
    body: Json
    credential: tuple[str, ...]

    @property
    def path(self) -> str:
        """The provider's route for clusters."""
        return f"/{self.provider}/kubernetes/clusters"


#: The scenario of the project's own description: three clouds, three regions, ranges that do not overlap.
SCENARIO = (
    Wish(
        "aws",
        {
            "name": "demo-eks",
            "region": "us-west-2",
            "network": {"cidr_block": "10.0.0.0/16", "zones": 2},
            "node_pool": {"name": "default", "machine_type": "t3.medium", "node_count": 3},
        },
        ("access_key", "secret_key", "region"),
    ),
    Wish(
        "gcp",
        {
            "name": "demo-gke",
            "region": "asia-northeast3",
            "network": {"cidr_block": "10.1.0.0/16"},
            "node_pool": {"name": "default", "machine_type": "e2-standard-2", "node_count": 2},
        },
        (),
    ),
    Wish(
        "azure",
        {
            "name": "demo-aks",
            "region": "westeurope",
            "network": {"cidr_block": "10.2.0.0/16"},
            "node_pool": {"name": "default", "machine_type": "Standard_D2s_v5", "node_count": 2},
        },
        ("subscription_id", "tenant_id", "client_id", "client_secret"),
    ),
)


def main(arguments: list[str] | None = None) -> int:
    """Run the demo; the exit code says whether all is ready."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--exit", action="store_true", help="end after the scenario; status 0 only if all is ready")
    parser.add_argument("--data-dir", type=Path, default=Path("data/demo"), help="made anew at each start")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--speed", type=float, default=60.0, help="cloud seconds per real second")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the same orderly end as Ctrl-C
    try:
        forget(options.data_dir)
        with serving(options) as ready:
            api = log_in(ready, options.data_dir)
            play(api, ready)
            print(f"\nAll of this took {time.perf_counter() - STARTED:.0f} seconds.")
            if not options.exit:
                farewell(ready)
                signal.pause()
    except CliError as error:
        print(f"demo: {error}", file=sys.stderr)
        return error.code
    except KeyboardInterrupt:
        print("\nStopped.")
    return 0


STARTED = time.perf_counter()


def forget(data_dir: Path) -> None:
    """Remove what an earlier demo left, with its database server; refuse while one is running."""
    from skyclust.entrypoints.up import AlreadyRunningError, take_lock
    from skyclust.kit.embedded_postgres import start_embedded

    if not data_dir.exists():
        return
    if not (data_dir / "skyclust.lock").exists():
        raise CliError(f"{data_dir} exists and was not made by the demo. Give another --data-dir.")
    try:
        take_lock(data_dir).close()
    except AlreadyRunningError as running:
        raise CliError(str(running)) from running
    if (data_dir / "postgres" / "postmaster.pid").exists():
        start_embedded(data_dir / "postgres").stop()
    shutil.rmtree(data_dir)


@contextmanager
def serving(options: argparse.Namespace) -> Iterator[Json]:
    """`skyclust up --sandbox` as a child; yields the line it prints when it is ready."""
    print("Starting PostgreSQL, the server and three simulated clouds ...", flush=True)
    command = [
        sys.executable, "-m", "skyclust.entrypoints.cli", "up", "--sandbox", "--json",
        "--data-dir", str(options.data_dir), "--port", str(options.port), "--speed", str(options.speed),
    ]  # fmt: skip
    child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert child.stdout is not None
        line = child.stdout.readline()
        if not line:
            raise CliError(f"The server did not start; {options.data_dir}/skyclust.log has its words.")
        yield json.loads(line)
    finally:
        child.terminate()
        child.wait(timeout=30)


def log_in(ready: Json, data_dir: Path) -> Api:
    """As the administrator, remembered in the demo's own folder and not in yours."""
    api = Api(Context(data_dir / "cli.json", url=ready["url"]))
    api.login(ready["admin"]["email"], ready["admin"]["password"])
    return api


def play(api: Api, ready: Json) -> None:
    """Credentials, plans, the operations side by side, the result."""
    bodies = [wish.body | {"credential_id": add_credential(api, wish, ready["sandbox"])} for wish in SCENARIO]
    plans = [api.post(wish.path, body, dry_run=True) for wish, body in zip(SCENARIO, bodies, strict=True)]
    for wish, plan in zip(SCENARIO, plans, strict=True):
        show_plan(plan, f"\n{wish.body['name']} on {wish.provider} in {wish.body['region']}: what will be made")
    print("\nCreating all of them at the same time ...", flush=True)
    operations = [
        api.post(wish.path, body | {"plan_digest": plan["digest"]})
        for wish, body, plan in zip(SCENARIO, bodies, plans, strict=True)
    ]
    require_success(watch(api, [operation["id"] for operation in operations]))
    clusters = list(api.items("/clusters"))
    print()
    print_table(clusters, COLUMNS)
    not_ready = [cluster["name"] for cluster in clusters if cluster["state"] != "ready"]
    if not_ready or len(clusters) != len(SCENARIO):
        raise CliError(f"Not ready: {', '.join(not_ready) or 'a cluster is missing'}.")
    for cluster in clusters:
        show_nodes(api, cluster)


def add_credential(api: Api, wish: Wish, sandbox: Mapping[str, Json]) -> str:
    """The sandbox's account, verified with real calls and sealed."""
    account = sandbox[wish.provider]
    if wish.credential:
        data = {key: account[key] for key in wish.credential}
    else:
        data = json.loads(Path(account["service_account_file"]).read_text())
    name = f"sandbox-{wish.provider}"
    added = api.post("/credentials", {"name": name, "provider": wish.provider, "data": data})
    print(f"Verified the credential {name}: {added['principal']} of {added['account']}")
    return str(added["id"])


def show_nodes(api: Api, cluster: Json) -> None:
    """The nodes through real kubectl, if there is one."""
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        print(f"(kubectl is not installed; {cluster['name']} answers at {cluster['endpoint']})")
        return
    text = api.text(f"{cluster_path(cluster)}/kubeconfig", **place(cluster), auth="token")
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:  # made with mode 0600
        file.write(text)
        file.flush()
        console().print(f"\n[bold]$ kubectl --context {cluster['name']} get nodes[/bold]")
        done = subprocess.run(  # noqa: S603 - a fixed command
            [kubectl, "--kubeconfig", file.name, "get", "nodes"], check=False
        )
    if done.returncode != 0:
        raise CliError(f"kubectl could not read the nodes of {cluster['name']}.")


def farewell(ready: Json) -> None:
    """Where everything is, and what to try next."""
    admin = ready["admin"]
    print(
        f"\nServing at {ready['url']} (documentation: {ready['url']}/docs). Log in as {admin['email']} with "
        f"{admin['password']}\nTry next, in another terminal:\n"
        f"  SKYCLUST_PASSWORD={admin['password']} .venv/bin/skyclust login {admin['email']} --url {ready['url']}\n"
        "  .venv/bin/skyclust clusters list\n"
        "  .venv/bin/skyclust clusters delete demo-eks\n"
        "Ctrl-C stops everything.",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
