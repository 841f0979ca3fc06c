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
app.command(f"{COMMANDS}.workloads:logs", name="logs", help="The end of a container's log.")

#: What each command's own help begins with stands here too, so that a group's help imports nothing; a test compares.
_groups: dict[str, tuple[str, dict[str, str]]] = {
    "credentials": (
        "Cloud accounts.",
        {
            "add": "Seal a cloud credential; it is verified with real calls before it is stored.",
            "list": "Every credential you may see.",
            "verify": "Prove a credential again with real calls.",
            "identity": "How an account is made to trust a workspace instead of giving it a key.",
            "delete": "Forget a credential; refused while something uses it.",
        },
    ),
    "clusters": (
        "Kubernetes clusters.",
        {
            "create": "Create a cluster with its network. Shows the plan and asks before anything is made.",
            "list": "Every cluster of every cloud.",
            "get": "One cluster.",
            "delete": "Delete a cluster with everything made for it. Shows all that will go and asks.",
            "protect": "Refuse every way to delete a cluster, until it is unprotected.",
            "unprotect": "Let a cluster be deleted again; the audit log says who did.",
            "clone": "Make a cluster's like in another region or on another cloud. Shows what is translated and asks.",
            "hibernate": "All node pools to zero, or the least the cloud allows; shows what that saves and asks.",
            "schedule": "When a cluster sleeps, what comes next, and what it waits for.",
            "set-schedule": "Hibernate and wake a cluster on days of the week.",
            "clear-schedule": "Forget a cluster's timetable; the cluster stays as it is.",
            "wake": "Bring a hibernated cluster's node pools back to what they were.",
            "kubeconfig": "Print (or write with --file) a kubeconfig. It holds no static secret.",
            "upgrade": "Take the control plane and its node pools to another Kubernetes version.",
            "nodes": "The nodes of a cluster, as its Kubernetes API shows them.",
            "import": "Take over a cluster that exists; without a name, list those there are.",
            "manage": "Manage a cluster that was imported read-only.",
            "release": "Forget an imported cluster and take our mark off; nothing is deleted.",
        },
    ),
    "node-pools": (
        "Groups of equal machines.",
        {
            "list": "Pools of a cluster.",
            "add": "Add a pool.",
            "change": "Change how the nodes of a pool are replaced.",
            "scale": "Give a pool another size.",
            "delete": "Delete a pool with its machines.",
        },
    ),
    "addons": (
        "Software that the cloud keeps inside a cluster.",
        {
            "list": "Add-ons of a cluster: what runs, what is newer, and whether the next minor version suits.",
            "available": "What the cloud offers a cluster now, or at another Kubernetes version; asks the cloud.",
            "install": "Install an add-on. Shows the plan and asks.",
            "update": "Give an add-on another version, configuration or identity; what is not given stays.",
            "remove": "Remove an add-on with its software, or switch it off. Shows what that breaks and asks.",
        },
    ),
    "templates": (
        "Named, versioned presets for clusters.",
        {
            "list": "Every version, by name, the newest first.",
            "get": "One version, name/3, with the body that it gives.",
            "create": "Make the first or the next version of a name, from a JSON file with part of a cluster's body.",
            "deprecate": "Say why a version, name/3, should not be used any more; it goes on working.",
            "delete": "Delete a version, name/3; what was made from it stays.",
        },
    ),
    "nodes": (
        "Machines of a cluster.",
        {
            "list": "The nodes of a cluster, as its Kubernetes API shows them now.",
            "get": "One node: its conditions, its room, and the pods on it.",
            "cordon": "Let no new pods onto a node; those on it stay.",
            "uncordon": "Let pods onto a node again.",
            "drain": "Have a node's pods evicted, honouring disruption budgets. Shows what would go and asks.",
        },
    ),
    "workloads": (
        "What runs in a cluster.",
        {
            "list": "Deployments, stateful sets, daemon sets, jobs and cron jobs of a cluster.",
            "pods": "Pods of a cluster, or of one of its nodes.",
            "events": "What a cluster tells of its objects, oldest first; it forgets events after an hour or so.",
            "namespaces": "Namespaces of a cluster.",
        },
    ),
    "networks": (
        "VPCs and what is in them.",
        {
            "create": "Create a network of its own.",
            "list": "Every network of every cloud.",
            "get": "One network.",
            "free-ranges": "Address ranges that overlap nothing you have, on whatever cloud.",
            "delete": "Delete a network with what belongs to it; refused, by name, when something foreign is inside.",
            "protect": "Refuse every way to delete a network, until it is unprotected.",
            "unprotect": "Let a network be deleted again; the audit log says who did.",
            "import": "Take over a network that exists with its subnets and groups.",
            "manage": "Manage a network that was imported read-only.",
            "release": "Forget an imported network and take our mark off; nothing is deleted.",
        },
    ),
    "peerings": (
        "Private traffic between two networks.",
        {
            "create": "Let two networks of one cloud account reach each other by private addresses.",
            "list": "Peerings of one cloud, or of every installed one.",
            "delete": "Take a peering and its routes away; the networks stay.",
        },
    ),
    "operations": (
        "Long work in progress.",
        {
            "list": "Operations, newest first.",
            "get": "One operation: its steps, its story, what it waits for, and what one may do.",
            "watch": "Follow an operation until it ends.",
            "cancel": "Start nothing new, let calls in flight finish; what exists is kept.",
            "pause": "Begin no new step; what has begun ends.",
            "resume": "Go on with what is paused, or after the cause of a failure is fixed.",
            "rollback": "Undo what an operation made, changed and deleted, in reverse order; nothing else is touched.",
        },
    ),
    "tokens": (
        "API tokens for programs.",
        {
            "create": "Make a token for a program; it is used as SKYCLUST_TOKEN.",
            "list": "Your tokens that work, newest first.",
            "revoke": "End a token, by name or id. Whatever uses it is refused from its next request on.",
        },
    ),
    "sessions": (
        "Where you are logged in.",
        {
            "list": "Where you are logged in, newest first.",
            "revoke": "End one of your logins by its id, or with --others all but this one.",
        },
    ),
    "users": (
        "Accounts of the installation, for its administrators.",
        {
            "list": "Every account, by email.",
            "disable": "Let somebody in no more; ends their logins and API tokens at once.",
            "enable": "Let somebody in again; their API tokens stay ended.",
            "sign-out": "End all of somebody's logins, without disabling them.",
        },
    ),
    "second-factor": (
        "The code you sign in with.",
        {
            "status": "Whether you sign in with a code, since when, and how many recovery codes are left.",
            "enable": "Set it up: type the secret into an authenticator app, then its first code here.",
            "disable": "Sign in with the password alone again.",
        },
    ),
    "workspaces": (
        "Tenants: what they may have and what they have.",
        {
            "list": "Workspaces you are a member of.",
            "quotas": "What a workspace may have at most, what it has, and what is left.",
            "set-quotas": "Give a workspace other limits; for administrators of the installation.",
        },
    ),
    "admin": (
        "On the server's own machine.",
        {
            "doctor": "Look for unsafe settings; ends with an error when something is wrong.",
            "rotate-keys": "Seal everything under a new key, while the servers go on.",
            "audit-key": "Print the public keys that sign the audit log's heads: enough to verify an export elsewhere.",
            "audit-retention": "Drop the oldest months of the audit log; what stays can still be verified.",
        },
    ),
    "drift": (
        "What other hands have changed.",
        {
            "list": "What other hands have changed or deleted, as the last sweeps saw it.",
            "show": "One drifted resource, field by field.",
            "accept": "Leave differing fields as they are: all, or those of --field.",
            "repair": "Bring a drifted resource back to what is wanted.",
        },
    ),
    "orphans": (
        "What carries our mark and belongs to nobody.",
        {
            "list": "What carries our mark and belongs to nobody, with what it costs a day.",
            "sweep": "Delete orphans of one credential and region, in the right order. Shows the plan and asks.",
            "adopt": "Give an orphan back to the cluster or network it was made for.",
            "ignore": "Leave an orphan out of the list from now on.",
        },
    ),
    "audit": (
        "Who did what.",
        {
            "list": "The newest entries.",
            "verify": "Walk the chain of your log; ends with an error that names the first entry that was changed.",
            "export": "Print the log, whole or narrowed, as it comes; nothing is kept in memory.",
        },
    ),
}
_timetables = ("schedule", "set-schedule", "clear-schedule")
_takeovers = ("import", "manage", "release")


def place_of(group: str, verb: str) -> tuple[str, str]:
    """Module and function of a command."""
    if verb == "clone":
        return "cloning", "clone"
    if verb in _timetables:
        return "hibernation", verb.replace("-", "_")
    if verb in _takeovers:
        return "takeovers", f"{verb}_{group.removesuffix('s')}"
    return group.replace("-", "_"), {"list": "list_", "watch": "watch_", "show": "show_"}.get(
        verb, verb.replace("-", "_")
    )


for _group, (_help, _verbs) in _groups.items():
    _sub = App(name=_group, help=_help)
    for _verb, _line in _verbs.items():
        _module, _function = place_of(_group, _verb)
        _sub.command(f"{COMMANDS}.{_module}:{_function}", name=_verb, help=_line)
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
