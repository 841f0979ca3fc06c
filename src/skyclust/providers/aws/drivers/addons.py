"""aws.eks.addon: an add-on that EKS keeps, in the version EKS recommends, with a configuration of ours."""

from __future__ import annotations

import json
from typing import Any

from skyclust.contract.resources import Change, JsonObject, Mark, Observed
from skyclust.providers.aws.drivers.ec2 import wanted_tags
from skyclust.providers.aws.drivers.eks import EksDriver, issues_of, pair, phase_of
from skyclust.providers.aws.sessions import AwsSession


class AddonDriver(EksDriver):
    """Spec: cluster_name, addon, configuration (JSON object), name, tags. A version that EKS chose is let be."""

    kind = "aws.eks.addon"
    title = "add-on"
    arn_member = "addonArn"
    create_seconds = 30.0
    update_seconds = 30.0
    delete_seconds = 20.0

    def _external_id(self, spec: JsonObject) -> str:
        return f"{spec['cluster_name']}/{spec['addon']}"

    async def _describe(self, session: AwsSession, external_id: str) -> JsonObject:
        cluster, name = pair(external_id)
        addon: JsonObject = (await session.call("eks", "describe_addon", clusterName=cluster, addonName=name))["addon"]
        return addon

    async def _create(self, session: AwsSession, mark: Mark, spec: JsonObject) -> JsonObject:
        made = await session.call(
            "eks", "create_addon", clusterName=spec["cluster_name"], addonName=spec["addon"],
            configurationValues=_text(spec["configuration"]), resolveConflicts="OVERWRITE",
            tags={**wanted_tags(spec), **mark.tags()}, clientRequestToken=mark.token,
        )  # fmt: skip
        addon: JsonObject = made["addon"]
        return addon

    def seen(self, item: JsonObject) -> Observed:
        external_id = f"{item['clusterName']}/{item['addonName']}"
        fields = {"configuration": _parsed(item.get("configurationValues")), "tags": item.get("tags") or {}}
        outputs = {
            "id": external_id, "name": item["addonName"], "arn": item["addonArn"],
            "version": item.get("addonVersion", ""),
        }  # fmt: skip
        return Observed(external_id, phase_of(item), outputs, fields, issues_of(item))

    def _differences(self, spec: JsonObject, fields: JsonObject) -> list[Change]:
        seen = fields.get("configuration", {})
        return [] if seen == spec["configuration"] else [Change("configuration", seen, spec["configuration"])]

    async def _change(
        self, session: AwsSession, external_id: str, spec: JsonObject, changes: dict[str, Change]
    ) -> None:
        del changes
        cluster, name = pair(external_id)
        await session.call(
            "eks", "update_addon", clusterName=cluster, addonName=name,
            configurationValues=_text(spec["configuration"]), resolveConflicts="OVERWRITE",
        )  # fmt: skip

    async def _delete(self, session: AwsSession, external_id: str) -> None:
        cluster, name = pair(external_id)
        await session.call("eks", "delete_addon", clusterName=cluster, addonName=name)


def _text(configuration: JsonObject) -> str:
    return json.dumps(configuration, sort_keys=True)


def _parsed(text: str | None) -> Any:
    try:
        return json.loads(text or "{}")
    except ValueError:
        return text  # written as YAML by somebody else: differs, and is shown as it is
