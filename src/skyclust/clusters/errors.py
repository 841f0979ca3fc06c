"""What can go wrong with clusters. Problems of plans and clouds in general are in networks.errors."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from skyclust.clusters.inside_schemas import DrainedPodAnswer
from skyclust.kit.problems import FieldError, Problem, conflict, invalid, not_found


def cluster_not_found() -> Problem:
    """404, also for another tenant's."""
    return not_found("cluster")


def pool_not_found(name: str, known: Sequence[str]) -> Problem:
    """404 that tells which there are."""
    listed = ", ".join(known) or "none"
    return Problem(404, "not-found", "Node pool not found", f"There is no node pool {name!r}. There are: {listed}.")


def pool_exists(name: str) -> Problem:
    """409."""
    detail = f"The cluster has a node pool {name!r}. Choose another name, or scale that one."
    return conflict("name-exists", "A node pool of this name exists", detail)


def addon_not_found(name: str, known: Sequence[str]) -> Problem:
    """404 that tells which there are."""
    listed = ", ".join(known) or "none"
    return Problem(404, "not-found", "Add-on not found", f"The cluster has no add-on {name!r}. It has: {listed}.")


def addon_exists(name: str) -> Problem:
    """409."""
    detail = f"The cluster has the add-on {name!r}. PATCH .../addons/{name} changes its version and configuration."
    return conflict("name-exists", "The add-on is installed", detail)


def addon_of_others(name: str, title: str) -> Problem:
    """409: others installed it."""
    detail = (
        f"{title} shows the add-on {name!r} on the cluster, and SkyClust did not install it. Leave it to whoever "
        "did, or remove it with the cloud's own tools and install it here."
    )
    return conflict("name-exists", "The add-on was installed by others", detail)


def no_addons(title: str) -> Problem:
    """422: the provider does not declare them."""
    detail = f"{title} does not offer add-ons. GET /providers lists what each offers."
    return Problem(422, "addons-not-offered", "There are no add-ons here", detail)


def nothing_about_addon() -> Problem:
    """422: an empty PATCH."""
    return invalid([FieldError("", "Nothing is to be changed. Give version, configuration or identity.")])


def node_not_found(name: str) -> Problem:
    """404."""
    detail = f"The cluster has no node {name!r} now. GET .../nodes lists them."
    return Problem(404, "not-found", "Node not found", detail)


def inside_not_found(what: str, name: str, remedy: str) -> Problem:
    """404: not in the cluster."""
    return Problem(404, "not-found", f"{what} not found", f"The cluster has no {what.lower()} {name!r} now. {remedy}")


def drain_refused(node: str, pods: Sequence[DrainedPodAnswer]) -> Problem:
    """409: something would be lost for good. Each pod is named, and what helps."""
    named = " ".join(f"{pod.namespace}/{pod.name}: {pod.message}" for pod in pods[:5])
    more = f" And {len(pods) - 5} more." if len(pods) > 5 else ""
    detail = f"Nothing was evicted from {node}. {named}{more}"
    refused = [pod.model_dump(mode="json") for pod in pods[:100]]
    return conflict("drain-refused", "The node cannot be drained as it is", detail, pods=refused)


def drained_already(node: str, operation_id: UUID) -> Problem:
    """409: one at a time."""
    detail = f"{node} is being drained already. Follow that operation, or cancel it."
    return conflict("operation-in-progress", "The node is being drained", detail, operation_id=str(operation_id))


def not_reachable_yet(state: str) -> Problem:
    """409: there is no control plane to reach."""
    detail = f"The cluster is {state}; its control plane has no endpoint yet. Follow its operation, then try again."
    return conflict("cluster-not-ready", "The cluster cannot be reached yet", detail, state=state)


def too_many_for_a_file(most: int) -> Problem:
    """422: one file does not hold them all."""
    wrong = f"You may reach more than {most} clusters, and a kubeconfig holds at most {most}. Name those you want."
    return invalid([FieldError("?cluster_id", wrong)])


def being_deleted() -> Problem:
    """409: what goes is not changed any more."""
    detail = "The cluster is being deleted, or its deletion got stuck. Resume that operation or delete again."
    return conflict("being-deleted", "The cluster is on its way out", detail)


def no_cloud_exec(provider: str) -> Problem:
    """422: the provider has no exec plug-in of its own."""
    return invalid([FieldError("?auth", f"{provider} has no exec plug-in of its own. Use auth=exec or auth=token.")])


def nothing_to_change() -> Problem:
    """422: an empty PATCH."""
    return invalid(
        [FieldError("", "Nothing is to be changed. Give version, deletion_protection, or the provider's object.")]
    )


def cannot_hibernate(why: str) -> Problem:
    """422: there is nothing that could be put to sleep."""
    return Problem(422, "cannot-hibernate", "This cluster cannot be hibernated", why)


def unknown_time_zone(name: str, near: Sequence[str]) -> Problem:
    """422 that tells similar ones."""
    listed = ", ".join(near) or "Europe/Zurich, America/New_York, UTC"
    return invalid([FieldError("/time_zone", f"There is no time zone {name!r}. IANA names are like: {listed}.")])


def no_schedule(name: str) -> Problem:
    """404."""
    detail = f"The cluster {name!r} has no hibernation schedule. PUT .../hibernation-schedule makes one."
    return Problem(404, "not-found", "There is no hibernation schedule", detail)


def schedule_changed() -> Problem:
    """409, to the worker that keeps timetables: somebody else has decided meanwhile."""
    return conflict("schedule-changed", "The schedule was changed meanwhile", "Look at it again.")


def template_not_found() -> Problem:
    """404, also for another tenant's."""
    return not_found("cluster template")


def no_such_template(name: str, version: int | None, known: Sequence[str]) -> Problem:
    """422 at the reference, telling which there are."""
    wanted = name if version is None else f"{name}, version {version}"
    listed = ", ".join(known) or "none"
    detail = f"The workspace has no template {wanted}. It has: {listed}."
    return invalid([FieldError("/template", detail)])


def template_of_another_cloud(name: str, theirs: str, provider: str) -> Problem:
    """422 at the reference."""
    detail = f"The template {name!r} is for {theirs}, this cluster is for {provider}. Choose one for {provider}."
    return invalid([FieldError("/template", detail)])


def is_hibernated(name: str, what: str) -> Problem:
    """409: sizes change when it is awake."""
    detail = (
        f"The cluster {name!r} is hibernated: its pools are at the least they keep, and come back as they were. {what} "
        "Wake it first (POST ...:wake), then repeat this."
    )
    return conflict("hibernated", "The cluster is hibernated", detail)


def version_back(now: str, wanted: str) -> Problem:
    """422: Kubernetes never goes back."""
    detail = f"From {now} one cannot go to {wanted}: Kubernetes never goes back. Choose {now} or a later version."
    return invalid([FieldError("/version", detail)])


def version_not_offered(now: str, wanted: str, lacking: str, nearest: str | None) -> Problem:
    """422: a version on the way is not offered. Tells how far one can go."""
    hint = f"The nearest that can be reached is {nearest}." if nearest else f"There is none to go to from {now} yet."
    why = f"the cloud does not offer {lacking}"
    detail = f"From {now} one cannot go to {wanted}: Kubernetes goes up one minor version at a time, and {why}. {hint}"
    return invalid([FieldError("/version", detail)])


def autoscaler_owns_size(name: str) -> Problem:
    """422: a size for a pool whose size is the autoscaler's."""
    detail = (
        f"The autoscaler decides the size of {name!r}. Change its bounds, or send auto_scaling: false with node_count."
    )
    return invalid([FieldError("/node_count", detail)])
