"""What EKS offers as add-ons: from data where nobody may be asked, else from EKS. Called by provider and drivers.

Names and what they are for: https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html (read
2026-11-30). Versions come out every week or so: those only EKS itself is asked for. Invariant: reads only.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from skyclust.contract.addons import AddonOffer, AddonVersion, default_version
from skyclust.contract.errors import PermissionDenied
from skyclust.contract.resources import JsonObject
from skyclust.contract.specs import ClusterSpec
from skyclust.providers.aws.errors import NotFound
from skyclust.providers.aws.sessions import AwsSession

FARGATE = "fargate"
#: References inside references that are followed.
DEEPEST = 8
_ANY: JsonObject = {"type": "object"}
_NUMBER = re.compile(r"[0-9]+")
#: name -> title, what no longer works without it, whether its pods need a role of their own.
_KNOWN: dict[str, tuple[str, str, str]] = {
    "aws-ebs-csi-driver": ("Volumes on Amazon EBS", "", "needed"),
    "aws-efs-csi-driver": ("Volumes on Amazon EFS", "", "needed"),
    "coredns": ("Cluster DNS", "Names of services and pods are not resolved.", ""),
    "eks-pod-identity-agent": ("Roles of IAM for pods", "", ""),
    "kube-proxy": ("Routes to services on each node", "Services cannot be reached.", ""),
    "metrics-server": ("Use of CPU and memory, for autoscaling and kubectl top", "", ""),
    "snapshot-controller": ("Snapshots of volumes", "", ""),
    "vpc-cni": ("Addresses of the VPC for pods", "New pods get no address.", "optional"),
}
#: Those that run on Fargate, by "computeTypes" of DescribeAddonVersions.
_ON_FARGATE = ("coredns", "metrics-server")


@dataclass(frozen=True, slots=True)
class Release:
    """A version of an add-on, and the Kubernetes versions that it is made for."""

    name: str
    supports: tuple[str, ...]


def offers(mode: str) -> tuple[AddonOffer, ...]:
    """Those that AWS itself publishes, whatever the version."""
    return tuple(_offer(name) for name in sorted(_KNOWN) if mode != FARGATE or name in _ON_FARGATE)


def _offer(name: str, identity: str = "") -> AddonOffer:
    title, essential, known = _KNOWN.get(name, (name, "", identity))
    return AddonOffer(name, title, (), True, _ANY, essential, identity=known)


async def offered(session: AwsSession, spec: ClusterSpec) -> tuple[AddonOffer, ...]:
    """All that EKS offers the cluster's version, of other publishers too; with schemas of what the spec configures."""
    infos, present = await asyncio.gather(
        session.listed("eks", "describe_addon_versions", "addons", kubernetesVersion=minor(spec.version)),
        _present(session, spec.name),
    )
    described = [_described(info, spec.version) for info in infos if _runs(info, spec.mode)]
    found = [replace(item, present=item.name in present) for item in described]
    wanted = {wish.name: wish.version for wish in spec.addons if wish.enabled and wish.configuration}
    asked = [_with_schema(session, item, wanted[item.name]) if item.name in wanted else _same(item) for item in found]
    return tuple(sorted(await asyncio.gather(*asked), key=lambda item: item.name))


async def _present(session: AwsSession, cluster: str) -> frozenset[str]:
    """Names of those that the cluster has, whoever installed them; none while there is no such cluster."""
    try:
        return frozenset(await session.listed("eks", "list_addons", "addons", clusterName=cluster))
    except NotFound:
        return frozenset()


def minor(version: str) -> str:
    """Without a patch."""
    return ".".join(version.split(".")[:2])


def _runs(info: JsonObject, mode: str) -> bool:
    """On the machines of the mode."""
    types = [kind for item in info["addonVersions"] for kind in item.get("computeTypes") or ()]
    return mode != FARGATE or FARGATE in types


def _described(info: JsonObject, version: str) -> AddonOffer:
    here, versions = minor(version), info["addonVersions"]
    names = [
        AddonVersion(item["addonVersion"], any(
            fit["clusterVersion"] == here and fit.get("defaultVersion") for fit in item["compatibilities"]
        ))
        for item in versions
    ]  # fmt: skip
    needs_role = any(item.get("requiresIamPermissions") for item in versions)
    offer = _offer(info["addonName"], "needed" if needs_role else "optional")
    return replace(offer, versions=tuple(sorted(names, key=lambda item: newness(item.name), reverse=True)))


def newness(version: str) -> tuple[int, ...]:
    """To compare "v1.20.4-eksbuild.1" by."""
    return tuple(int(number) for number in _NUMBER.findall(version))


async def _same(offer: AddonOffer) -> AddonOffer:
    return offer


async def _with_schema(session: AwsSession, offer: AddonOffer, version: str | None) -> AddonOffer:
    chosen = version or default_version(offer)
    try:
        told = await session.call(
            "eks", "describe_addon_configuration", addonName=offer.name, addonVersion=chosen
        )  # fmt: skip
    except NotFound:  # no such version: that is told anyway
        return offer
    return replace(offer, configuration=inlined(json.loads(told.get("configurationSchema") or "{}")))


def inlined(schema: JsonObject) -> JsonObject:
    """With definitions in place of references to them, and without patterns, which are those of another language."""

    def within(value: Any, depth: int) -> Any:
        if isinstance(value, list):
            return [within(item, depth) for item in value]
        if not isinstance(value, Mapping):
            return value
        if isinstance(value.get("$ref"), str):
            target = schema.get("definitions", {}).get(value["$ref"].rpartition("/")[2], {})
            return within(target, depth + 1) if depth < DEEPEST else {}
        kept = ((name, item) for name, item in value.items() if name != "pattern" or not isinstance(item, str))
        return {name: within(item, depth) for name, item in kept}

    found = within({name: item for name, item in schema.items() if name != "definitions"}, 0)
    assert isinstance(found, dict)
    return found


async def releases(session: AwsSession, name: str) -> tuple[Release, ...]:
    """Every version of one add-on, newest first; none where we may not ask."""
    try:
        infos = await session.listed("eks", "describe_addon_versions", "addons", addonName=name)
    except (NotFound, PermissionDenied):
        return ()
    found = [_release(item) for info in infos for item in info["addonVersions"] if info["addonName"] == name]
    return tuple(sorted(found, key=lambda item: newness(item.name), reverse=True))


def _release(item: JsonObject) -> Release:
    supports = {str(fit["clusterVersion"]) for fit in item["compatibilities"]}
    return Release(item["addonVersion"], tuple(sorted(supports, key=newness)))


def newest_by_version(found: Iterable[Release]) -> dict[str, str]:
    """Kubernetes version -> the newest release made for it. `found` is newest first."""
    newest: dict[str, str] = {}
    for release in found:
        for version in release.supports:
            newest.setdefault(version, release.name)
    return newest
