"""Kubernetes versions of AKS: what a region offers, what a version may become, how far nodes may fall behind.

Rules: https://learn.microsoft.com/azure/aks/supported-kubernetes-versions (one minor version at a time, nodes at most
three behind and never ahead). The versions are a plausible set for the packages' date.
"""

from skyclust.sandbox.azure import catalog
from skyclust.sandbox.azure.cloud import Answer, Call, Cloud, Route
from skyclust.sandbox.azure.errors import Json, bad_request

PATCHES: dict[str, tuple[str, ...]] = {
    "1.35": ("1.35.1", "1.35.0"),
    "1.34": ("1.34.3", "1.34.2", "1.34.1"),
    "1.33": ("1.33.7", "1.33.6", "1.33.5"),
    "1.32": ("1.32.11", "1.32.10"),
}  # newest first
LONG_TERM_ONLY = {"1.32"}
DEFAULT = "1.34"
MINORS_BEHIND = 3


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


def resolve(wanted: str, cluster: str, *, long_term: bool = False) -> str:
    """The full version behind an alias ('1.34') or a version that is offered."""
    family = minor(wanted)
    offered = PATCHES.get(family, ())
    if family in LONG_TERM_ONLY and not long_term:
        offered = ()
    if wanted == family and offered:
        return offered[0]
    if wanted in offered:
        return wanted
    raise bad_request(
        "K8sVersionNotSupported",
        f"Managed cluster {cluster} is on version {wanted}, which is not supported in this region. Please use [az "
        "aks get-versions] command to get the supported version list in this region. For more information, please "
        "check https://aka.ms/supported-version-list",
    )


def targets(current: str) -> list[str]:
    """What a version may become: later patches, and every patch of the next minor version."""
    now = numbers(current)
    found = [version for patches in PATCHES.values() for version in patches]
    later = [one for one in found if now < numbers(one) and numbers(one)[1] - now[1] <= 1]
    return sorted(later, key=numbers)


def check_upgrade(current: str, wanted: str) -> None:
    """The control plane goes one minor version at a time and never back."""
    if wanted == current or wanted in targets(current):
        return
    raise bad_request(
        "OperationNotAllowed",
        f"Upgrading Kubernetes version {current} to {wanted} is not allowed. Available upgrades: "
        f"[{' '.join(targets(current))}]. Please see https://aka.ms/aks-supported-k8s-ver for version details.",
    )


def check_pool_upgrade(current: str, wanted: str) -> None:
    if numbers(wanted) < numbers(current):
        raise bad_request(
            "OperationNotAllowed", f"Downgrading agent pool version from {current} to {wanted} is not allowed."
        )
    if numbers(wanted)[1] - numbers(current)[1] > 1:
        raise bad_request(
            "OperationNotAllowed",
            f"Upgrade agent pool version from {current} to {wanted} is not allowed, you can only upgrade one minor "
            "version at a time. Please use [az aks get-upgrades] command to get the supported upgrade paths. For "
            "more information, please check https://aka.ms/version-skew-policy",
        )


def check_skew(pool: str, control_plane: str) -> None:
    """Nodes are not newer than their control plane and at most three minor versions older."""
    mine, theirs = numbers(pool), numbers(control_plane)
    if mine > theirs or theirs[1] - mine[1] > MINORS_BEHIND:
        word = "bigger than" if mine > theirs else f"more than {MINORS_BEHIND} behind"
        raise bad_request(
            "NodePoolMcVersionIncompatible",
            f"Node pool version {pool} and control plane version {control_plane} are incompatible. Minor version of "
            f"node pool version {mine[1]} is {word} control plane version {theirs[1]}. For more information, please "
            "check https://aka.ms/version-skew-policy",
        )


def list_versions(_cloud: Cloud, call: Call) -> Answer:
    catalog.location_of(call.path["location"], "Microsoft.ContainerService/locations")
    return Answer(200, {"values": [_entry(family) for family in PATCHES]})


def _entry(family: str) -> Json:
    plans = ["AKSLongTermSupport"] if family in LONG_TERM_ONLY else ["KubernetesOfficial", "AKSLongTermSupport"]
    return {
        "version": family,
        "capabilities": {"supportPlan": plans},
        "isPreview": False,
        **({"isDefault": True} if family == DEFAULT else {}),
        "patchVersions": {patch: {"upgrades": targets(patch)} for patch in PATCHES[family]},
    }


_WHERE = "/subscriptions/{subscription}/providers/Microsoft.ContainerService/locations/{location}"
ROUTES = [
    Route(
        "GET",
        f"{_WHERE}/kubernetesVersions",
        "Microsoft.ContainerService/locations/kubernetesversions/read",
        list_versions,
    )
]
