"""aws.eks.nodegroup: a node pool as EKS's managed node group."""

from __future__ import annotations

import re
from dataclasses import replace

from skyclust.contract.errors import InvalidSpec
from skyclust.contract.pools import UPGRADE, upgrade_changes
from skyclust.contract.resources import Change, JsonObject, Mark, Observed, Phase
from skyclust.providers.aws.drivers.ec2 import changed, wanted_tags
from skyclust.providers.aws.drivers.eks import EksDriver, issues_of, pair, phase_of
from skyclust.providers.aws.sessions import AwsSession

_EFFECTS = {
    "NoSchedule": "NO_SCHEDULE",
    "NoExecute": "NO_EXECUTE",
    "PreferNoSchedule": "PREFER_NO_SCHEDULE",
}
_FIXED = ("machine_type", "other_types", "spot", "disk_gb", "node_role_arn", "subnet_ids")
_SIZES = ("min", "max", "desired")
#: Families with Graviton processors: a "g" after the generation ("m7g", "x2gd"), and the first of them.
_ARM = re.compile(r"[a-z]+\d+g|a1$")
#: Families with NVIDIA graphics, and with AWS's own accelerators.
_NVIDIA, _NEURON = re.compile(r"g4dn|gr?[5-9]|p[3-9]"), re.compile(r"inf|trn")


class NodeGroupDriver(EksDriver):
    """Spec: cluster_name, name, node_role_arn, subnet_ids, machine_type, min, max, desired, autoscaled, spot, disk_gb,

    labels, taints [{key, value, effect}], version, tags, and `upgrade` and `other_types` where asked for.
    `desired` of an autoscaled pool is only its first size.
    """

    kind = "aws.eks.nodegroup"
    title = "node group"
    arn_member = "nodegroupArn"
    create_seconds = 119.0
    update_seconds = 60.0
    delete_seconds = 252.0

    def _external_id(self, spec: JsonObject) -> str:
        return f"{spec['cluster_name']}/{spec['name']}"

    async def _describe(self, session: AwsSession, external_id: str) -> JsonObject:
        cluster, name = pair(external_id)
        group: JsonObject = (await session.call("eks", "describe_nodegroup", clusterName=cluster, nodegroupName=name))[
            "nodegroup"
        ]
        return group

    async def read(self, session: AwsSession, item: JsonObject, spec: JsonObject) -> Observed:
        """A newer version waits, as settling, until the control plane runs it."""
        if phase_of(item) is not Phase.READY or spec.get("version") in (None, item.get("version")):
            return self.seen(item)
        cluster = (await session.call("eks", "describe_cluster", name=item["clusterName"]))["cluster"]
        return self.beside(cluster, item, spec)

    def beside(self, cluster: JsonObject, item: JsonObject, spec: JsonObject) -> Observed:
        """What `read` answers, for those who have the described cluster already."""
        seen, version = self.seen(item), spec.get("version")
        if seen.phase is not Phase.READY or version in (None, item.get("version")):
            return seen
        if cluster["status"] == "ACTIVE" and cluster["version"] == version:
            return seen
        return replace(seen, phase=Phase.SETTLING, message=f"waits until the control plane runs {version}")

    async def _create(self, session: AwsSession, mark: Mark, spec: JsonObject) -> JsonObject:
        if spec["machine_type"] is None or spec["disk_gb"] is None:
            message = (
                f"Node pool {spec['name']} was imported with a launch template and cannot be made again as it was. "
                "Give it a machine type and a disk of its own."
            )
            raise InvalidSpec(message, field="node_pools", operation="eks:CreateNodegroup")
        types = [spec["machine_type"], *spec.get("other_types", ())]
        made = await session.call(
            "eks", "create_nodegroup", clusterName=spec["cluster_name"], nodegroupName=spec["name"],
            nodeRole=spec["node_role_arn"], subnets=spec["subnet_ids"], instanceTypes=types,
            scalingConfig=_scaling(spec, spec["desired"]), capacityType="SPOT" if spec["spot"] else "ON_DEMAND",
            diskSize=spec["disk_gb"], labels=spec["labels"], taints=[_taint(taint) for taint in spec["taints"]],
            amiType=ami_type(spec["machine_type"]), version=spec["version"],
            tags={**wanted_tags(spec), **mark.tags()}, clientRequestToken=mark.token, **_update_config(spec),
        )  # fmt: skip
        group: JsonObject = made["nodegroup"]
        return group

    def seen(self, item: JsonObject) -> Observed:
        external_id = f"{item['clusterName']}/{item['nodegroupName']}"
        scaling = item.get("scalingConfig") or {}
        groups = (item.get("resources") or {}).get("autoScalingGroups") or []
        fields = {
            "machine_type": (item.get("instanceTypes") or [None])[0],
            "other_types": (item.get("instanceTypes") or [])[1:],
            "spot": item.get("capacityType") == "SPOT",
            "disk_gb": item.get("diskSize"),
            "node_role_arn": item.get("nodeRole"),
            "subnet_ids": sorted(item.get("subnets") or []),
            "min": scaling.get("minSize"),
            "max": scaling.get("maxSize"),
            "desired": scaling.get("desiredSize"),
            "labels": item.get("labels") or {},
            "taints": _ordered([_plain(taint) for taint in item.get("taints") or []]),
            "version": item.get("version"),
            "tags": item.get("tags") or {},
            UPGRADE: _upgrade(item.get("updateConfig") or {}),
        }
        outputs = {
            "id": external_id, "name": item["nodegroupName"], "arn": item["nodegroupArn"],
            "version": item.get("version", ""), "node_count": scaling.get("desiredSize"),
            "auto_scaling_group": groups[0]["name"] if groups else "",
        }  # fmt: skip
        return Observed(external_id, phase_of(item), outputs, fields, issues_of(item))

    def _differences(self, spec: JsonObject, fields: JsonObject) -> list[Change]:
        wanted = {**spec, "subnet_ids": sorted(spec["subnet_ids"]), "taints": _ordered(spec["taints"])}
        sizes = ("min", "max") if spec["autoscaled"] else _SIZES
        # Before the version: the nodes are to be replaced as it was asked for.
        told = changed((*_FIXED, *sizes, "labels", "taints"), wanted, fields, replace=_FIXED)
        return [*told, *upgrade_changes(spec, fields), *changed(("version",), wanted, fields)]

    async def _change(
        self, session: AwsSession, external_id: str, spec: JsonObject, changes: dict[str, Change]
    ) -> None:
        cluster, name = pair(external_id)
        if "version" in changes and UPGRADE not in changes:
            await session.call(
                "eks", "update_nodegroup_version", clusterName=cluster, nodegroupName=name, version=spec["version"]
            )
            return
        request: JsonObject = _update_config(spec) if UPGRADE in changes else {}
        if any(size in changes for size in _SIZES):
            group = await self._describe(session, external_id)
            request["scalingConfig"] = _scaling(spec, group["scalingConfig"]["desiredSize"])
        if "labels" in changes:
            request["labels"] = _label_change(changes["labels"].before or {}, spec["labels"])
        if "taints" in changes:
            request["taints"] = _taint_change(changes["taints"].before or [], spec["taints"])
        if request:
            await session.call("eks", "update_nodegroup_config", clusterName=cluster, nodegroupName=name, **request)

    async def _delete(self, session: AwsSession, external_id: str) -> None:
        cluster, name = pair(external_id)
        await session.call("eks", "delete_nodegroup", clusterName=cluster, nodegroupName=name)


def ami_type(machine_type: str) -> str:
    """The Amazon Linux 2023 image that EKS accepts for the machine ("amiType" of CreateNodegroup)."""
    family = machine_type.partition(".")[0]
    if _ARM.match(family):
        return "AL2023_ARM_64_NVIDIA" if family.startswith("g") else "AL2023_ARM_64_STANDARD"
    if _NVIDIA.match(family):
        return "AL2023_x86_64_NVIDIA"
    return "AL2023_x86_64_NEURON" if _NEURON.match(family) else "AL2023_x86_64_STANDARD"


def _scaling(spec: JsonObject, current: int) -> JsonObject:
    """What an autoscaler chose stays, as far as the new bounds allow.

    An empty group gets the size asked for: an autoscaler that runs in the cluster has no node left to run on.
    """
    kept = current or spec["desired"]
    desired = min(max(kept, spec["min"]), spec["max"]) if spec["autoscaled"] else spec["desired"]
    return {"minSize": spec["min"], "maxSize": spec["max"], "desiredSize": desired}


def _update_config(spec: JsonObject) -> JsonObject:
    """EKS knows how many nodes may be missing, as a number or a percentage, and whether any come besides.

    https://docs.aws.amazon.com/eks/latest/APIReference/API_NodegroupUpdateConfig.html
    """
    wanted = spec.get(UPGRADE)
    if wanted is None:
        return {}
    share = str(wanted.get("max_unavailable", "1"))
    missing: JsonObject = (
        {"maxUnavailablePercentage": int(share[:-1])} if share.endswith("%") else {"maxUnavailable": int(share)}
    )
    return {"updateConfig": {**missing, "updateStrategy": "MINIMAL" if "max_surge" in wanted else "DEFAULT"}}


def _upgrade(config: JsonObject) -> JsonObject:
    percent = config.get("maxUnavailablePercentage")
    missing = f"{percent}%" if percent is not None else str(config.get("maxUnavailable", 1))
    return {"max_unavailable": missing, "max_surge": "0" if config.get("updateStrategy") == "MINIMAL" else None}


def _taint(taint: JsonObject) -> JsonObject:
    return {"key": taint["key"], "value": taint["value"], "effect": _EFFECTS[taint["effect"]]}


def _plain(taint: JsonObject) -> JsonObject:
    names = {aws: plain for plain, aws in _EFFECTS.items()}
    return {"key": taint["key"], "value": taint.get("value", ""), "effect": names[taint["effect"]]}


def _ordered(taints: list[JsonObject]) -> list[JsonObject]:
    return sorted(taints, key=lambda taint: (taint["key"], taint["effect"], taint["value"]))


def _label_change(before: dict[str, str], after: dict[str, str]) -> JsonObject:
    removed = [key for key in before if key not in after]
    added = {key: value for key, value in after.items() if before.get(key) != value}
    return {
        **({"addOrUpdateLabels": added} if added else {}),
        **({"removeLabels": removed} if removed else {}),
    }


def _taint_change(before: list[JsonObject], after: list[JsonObject]) -> JsonObject:
    kept = {(taint["key"], taint["effect"]) for taint in after}
    removed = [_taint(taint) for taint in before if (taint["key"], taint["effect"]) not in kept]
    added = [_taint(taint) for taint in after if taint not in before]
    return {
        **({"addOrUpdateTaints": added} if added else {}),
        **({"removeTaints": removed} if removed else {}),
    }
