"""What may be done with clusters. The slice's only door besides schemas and errors."""

from skyclust.clusters.answers import pool_answer
from skyclust.clusters.queries import Filter
from skyclust.clusters.service.addons import (
    get_addon,
    install_addon,
    known_addons,
    list_addons,
    offered_addons,
    remove_addon,
    update_addon,
)
from skyclust.clusters.service.changing import Change, change_cluster, inside_any_pool
from skyclust.clusters.service.cloning import clone_cluster
from skyclust.clusters.service.cordoning import set_schedulable
from skyclust.clusters.service.creating import create_cluster
from skyclust.clusters.service.deleting import delete_cluster
from skyclust.clusters.service.draining import drain_node
from skyclust.clusters.service.hibernating import hibernate_cluster, wake_cluster
from skyclust.clusters.service.importing import import_cluster, list_importable, manage_cluster, release_cluster
from skyclust.clusters.service.looking import (
    Log,
    Paging,
    get_node,
    list_events,
    list_namespaces,
    list_nodes,
    list_pods,
    list_workloads,
    read_log,
)
from skyclust.clusters.service.protecting import protect_cluster, refuse_protected_cluster
from skyclust.clusters.service.reaching import get_kubeconfig, get_kubeconfigs, issue_kube_token
from skyclust.clusters.service.reading import answer_of, answer_page, find_cluster, get_cluster, present_plan, standings
from skyclust.clusters.service.repairing import repair_cluster
from skyclust.clusters.service.scheduling import delete_schedule, get_schedule, put_schedule
from skyclust.clusters.service.templating import parse_unified_with_template, parse_with_template
from skyclust.clusters.service.undoing import install
from skyclust.clusters.service.updating import update_cluster
from skyclust.clusters.service.watching import watch_pools

__all__ = [
    "Change",
    "Filter",
    "Log",
    "Paging",
    "answer_of",
    "answer_page",
    "change_cluster",
    "clone_cluster",
    "create_cluster",
    "delete_cluster",
    "delete_schedule",
    "drain_node",
    "find_cluster",
    "get_addon",
    "get_cluster",
    "get_kubeconfig",
    "get_kubeconfigs",
    "get_node",
    "get_schedule",
    "hibernate_cluster",
    "import_cluster",
    "inside_any_pool",
    "install",
    "install_addon",
    "issue_kube_token",
    "known_addons",
    "list_addons",
    "list_events",
    "list_importable",
    "list_namespaces",
    "list_nodes",
    "list_pods",
    "list_workloads",
    "manage_cluster",
    "offered_addons",
    "parse_unified_with_template",
    "parse_with_template",
    "pool_answer",
    "present_plan",
    "protect_cluster",
    "put_schedule",
    "read_log",
    "refuse_protected_cluster",
    "release_cluster",
    "remove_addon",
    "repair_cluster",
    "set_schedulable",
    "standings",
    "update_addon",
    "update_cluster",
    "wake_cluster",
    "watch_pools",
]
