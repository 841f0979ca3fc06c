"""The tree of commands. Each group's module is imported when one of its commands runs, so that `--help` is instant."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.metadata import version

from cyclopts import App, CycloptsError

HELP = "Create, watch, change and delete Kubernetes clusters and their networks on every cloud you use."
COMMANDS = "skyclust.entrypoints.cli.commands"

app = App(name="skyclust", help=HELP, version=lambda: version("skyclust"), result_action="return_value")

_serving = {
    "up": "Start everything: database, API, worker, and with --sandbox simulated clouds.",
    "api": "Serve the API only (SKYCLUST_DATABASE_URL names the database).",
    "worker": "Run a worker only.",
    "sandbox": "Run the simulated clouds only.",
    "migrate": "Bring the database to the current schema, as its owner.",
}
for _name, _help in _serving.items():
    app.command(f"{COMMANDS}.serving:{_name}", name=_name, help=_help)
app.command(f"{COMMANDS}.sessions:login", name="login", help="Log in and remember it.")
app.command(f"{COMMANDS}.sessions:logout", name="logout", help="End the login, here and on the server.")
app.command(f"{COMMANDS}.sessions:whoami", name="whoami", help="Who you are and what you may do.")
app.command(f"{COMMANDS}.clusters:plan", name="plan", help="What creating a cluster would make, cost and take.")
app.command(f"{COMMANDS}.clusters:kube_token", name="kube-token", help="A short-lived token; kubectl calls this.")

_groups = {
    "credentials": ("Cloud accounts.", ("add", "list", "verify", "delete")),
    "clusters": (
        "Kubernetes clusters.",
        ("create", "list", "get", "delete", "kubeconfig", "upgrade", "nodes", "import", "manage", "release"),
    ),
    "node-pools": ("Groups of equal machines.", ("list", "add", "scale", "delete")),
    "networks": ("VPCs and what is in them.", ("create", "list", "get", "delete", "import", "manage", "release")),
    "operations": ("Long work in progress.", ("list", "get", "watch", "cancel", "resume", "rollback")),
    "tokens": ("API tokens for programs.", ("create", "list", "revoke")),
    "second-factor": ("The code you sign in with.", ("status", "enable", "disable")),
    "admin": ("On the server's own machine.", ("doctor", "rotate-keys")),
    "drift": ("What other hands have changed.", ("list", "show", "accept", "repair")),
    "orphans": ("What carries our mark and belongs to nobody.", ("list", "sweep", "adopt", "ignore")),
    "audit": ("Who did what.", ("list", "verify", "export")),
}
_takeovers = ("import", "manage", "release")
for _group, (_help, _verbs) in _groups.items():
    _sub = App(name=_group, help=_help)
    for _verb in _verbs:
        _module = _group.replace("-", "_")
        _function = {"list": "list_", "watch": "watch_", "show": "show_"}.get(_verb, _verb.replace("-", "_"))
        if _verb in _takeovers:
            _module, _function = "takeovers", f"{_verb}_{_group.removesuffix('s')}"
        _sub.command(f"{COMMANDS}.{_module}:{_function}", name=_verb)
    app.command(_sub)


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit code."""
    try:
        result = app(list(arguments), exit_on_error=False, print_error=True)
    except CycloptsError:
        return 2
    except KeyboardInterrupt:
        print("\nStopped. What was begun goes on in the background: skyclust operations list", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 0
    except Exception as error:
        from skyclust.entrypoints.cli.client import CliError

        if not isinstance(error, CliError):
            raise
        print(f"skyclust: {error}", file=sys.stderr)
        return error.code
    return result if isinstance(result, int) else 0
