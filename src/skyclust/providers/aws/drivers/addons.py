"""aws.eks.addon: an add-on that EKS keeps, in a version of ours or the one EKS recommends, with our configuration."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from skyclust.contract.resources import Change, JsonObject, Mark, Observed, Phase
from skyclust.providers.aws.addons import newest_by_version, releases
from skyclust.providers.aws.drivers.ec2 import wanted_tags
from skyclust.providers.aws.drivers.eks import EksDriver, issues_of, pair, phase_of
from skyclust.providers.aws.sessions import AwsSession


class AddonDriver(EksDriver):
    """Spec: cluster_name, addon, configuration (JSON object), name, tags; version and identity (the ARN of a role).

    A version that EKS chose is let be; without the member `identity` so is the role.
    """

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
            tags={**wanted_tags(spec), **mark.tags()}, clientRequestToken=mark.token, **_chosen(spec),
        )  # fmt: skip
        addon: JsonObject = made["addon"]
        return addon

    async def read(self, session: AwsSession, item: JsonObject, spec: JsonObject) -> Observed:
        """With what its version is made for and which is the newest, once it stands."""
        del spec
        seen = self.seen(item)
        if seen.phase is not Phase.READY:
            return seen
        found = await releases(session, item["addonName"])
        own = next((release for release in found if release.name == item.get("addonVersion")), None)
        fits = {"supports": list(own.supports)} if own is not None else {}
        return replace(seen, fields={**seen.fields, **fits, "newest": newest_by_version(found)})

    def seen(self, item: JsonObject) -> Observed:
        external_id = f"{item['clusterName']}/{item['addonName']}"
        version = item.get("addonVersion", "")
        fields = {
            "configuration": _parsed(item.get("configurationValues")), "tags": item.get("tags") or {},
            "version": version, "identity": item.get("serviceAccountRoleArn"),
        }  # fmt: skip
        outputs = {"id": external_id, "name": item["addonName"], "arn": item["addonArn"], "version": version}
        return Observed(external_id, phase_of(item), outputs, fields, issues_of(item))

    def _differences(self, spec: JsonObject, fields: JsonObject) -> list[Change]:
        wanted = {"configuration": spec["configuration"]}
        if spec.get("version"):
            wanted["version"] = spec["version"]
        if "identity" in spec:
            wanted["identity"] = spec["identity"]
        seen = {"configuration": {}, **fields}
        return [Change(name, seen.get(name), value) for name, value in wanted.items() if seen.get(name) != value]

    async def _change(
        self, session: AwsSession, external_id: str, spec: JsonObject, changes: dict[str, Change]
    ) -> None:
        """Everything at once: EKS takes what is not given for "as it is", but for the role."""
        del changes
        cluster, name = pair(external_id)
        await session.call(
            "eks", "update_addon", clusterName=cluster, addonName=name,
            configurationValues=_text(spec["configuration"]), resolveConflicts="OVERWRITE", **_chosen(spec),
        )  # fmt: skip

    async def _delete(self, session: AwsSession, external_id: str) -> None:
        cluster, name = pair(external_id)
        await session.call("eks", "delete_addon", clusterName=cluster, addonName=name)


def _chosen(spec: JsonObject) -> JsonObject:
    """What is left out where EKS chooses."""
    given = {"addonVersion": spec.get("version"), "serviceAccountRoleArn": spec.get("identity")}
    return {name: value for name, value in given.items() if value}


def _text(configuration: JsonObject) -> str:
    return json.dumps(configuration, sort_keys=True)


def _parsed(text: str | None) -> Any:
    try:
        return json.loads(text or "{}")
    except ValueError:
        return text  # written as YAML by somebody else: differs, and is shown as it is
