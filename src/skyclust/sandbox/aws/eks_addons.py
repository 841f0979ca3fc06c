"""EKS add-ons: what is offered, and what a cluster has. Called by the EKS dispatcher.

Invariant: one change of an add-on at a time; a version that is not made for the cluster's is refused, and so are
settings that the add-on's schema does not know.
"""

import json
from datetime import datetime

from skyclust.sandbox.aws.eks_catalog import (
    ADDONS,
    addon_schema,
    addon_versions,
    default_addon_version,
    describe_addons,
)
from skyclust.sandbox.aws.eks_clusters import new_update
from skyclust.sandbox.aws.eks_extras import page
from skyclust.sandbox.aws.eks_state import Document, Eks, arn, stable_uuid
from skyclust.sandbox.aws.replies import Refusal


def list_addons(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del caller, at
    return page(given, "addons", sorted(eks.cluster(region, given["clusterName"]).addons))


def create_addon(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del caller
    cluster = eks.active_cluster(region, given["clusterName"])
    name = given["addonName"]
    if name in cluster.addons:
        raise Refusal("ResourceInUseException", "Addon already exists.", 409, clusterName=cluster.name, addonName=name)
    version = _version(name, cluster.document["version"], given.get("addonVersion"))
    _check_settings(name, given.get("configurationValues"))
    addon: Document = {
        "addonName": name,
        "clusterName": cluster.name,
        "status": "CREATING",
        "addonVersion": version,
        "health": {"issues": []},
        "addonArn": arn(region, "addon", cluster.name, name, stable_uuid(cluster.key, name, str(at))),
        "createdAt": at,
        "modifiedAt": at,
        "tags": given.get("tags", {}),
        "publisher": "eks",
        "owner": "aws",
        "configurationValues": given.get("configurationValues", ""),
    }
    if given.get("serviceAccountRoleArn"):
        addon["serviceAccountRoleArn"] = given["serviceAccountRoleArn"]
    cluster.addons[name] = addon
    eks.later(at, "aws.addon.create", f"{cluster.key}/{name}", lambda _: addon.update(status="ACTIVE"))
    return {"addon": addon}


def _version(name: str, kubernetes: str, wanted: str | None) -> str:
    if name not in ADDONS:
        raise Refusal("InvalidParameterException", f"Addon {name} specified is not supported", 400)
    if wanted is None:
        return default_addon_version(name, kubernetes)
    if wanted not in addon_versions(name, kubernetes):
        message = f"Addon version specified is not supported in {kubernetes} kubernetes version"
        raise Refusal("InvalidParameterException", message, 400, addonName=name)
    return wanted


def _check_settings(name: str, text: str | None) -> None:
    try:
        settings = json.loads(text or "{}")
    except ValueError:
        return  # YAML, which is taken as well and not looked into here
    known = addon_schema(name)["definitions"]["Settings"]["properties"]
    if strange := sorted(settings.keys() - known.keys()):
        message = (
            "ConfigurationValue provided in request is not supported: Json schema validation failed with error: "
            f"[$.{strange[0]}: is not defined in the schema and the schema does not allow additional properties]"
        )
        raise Refusal("InvalidParameterException", message, 400, addonName=name)


def describe_addon(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del caller, at
    addon = eks.cluster(region, given["clusterName"]).addons.get(given["addonName"])
    if addon is None:
        raise Refusal(
            "ResourceNotFoundException", f"No addon: {given['addonName']} found in cluster: {given['clusterName']}", 404
        )
    return {"addon": addon}


def update_addon(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    """What is not given stays, but for the role: without one the pods are what their nodes are."""
    addon = describe_addon(eks, region, caller, given, at)["addon"]
    cluster, name = eks.cluster(region, given["clusterName"]), given["addonName"]
    if addon["status"] in ("CREATING", "UPDATING", "DELETING"):
        raise Refusal("ResourceInUseException", f"Addon is {addon['status'].lower()}.", 409, addonName=name)
    version = _version(name, cluster.document["version"], given.get("addonVersion") or addon["addonVersion"])
    _check_settings(name, given.get("configurationValues"))
    update = new_update(cluster, "AddonUpdate", {"AddonVersion": version}, at)
    update["_addon"] = name
    addon["status"] = "UPDATING"
    changes = {"addonVersion": version, "serviceAccountRoleArn": given.get("serviceAccountRoleArn")}
    if given.get("configurationValues") is not None:
        changes["configurationValues"] = given["configurationValues"]

    def done(due: datetime) -> None:
        addon.update(status="ACTIVE", modifiedAt=due, **changes)
        if addon["serviceAccountRoleArn"] is None:
            del addon["serviceAccountRoleArn"]
        update["status"] = "Successful"

    eks.later(at, "aws.addon.update", update["id"], done)
    return {"update": update}


def delete_addon(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    answer = describe_addon(eks, region, caller, given, at)
    cluster, name = eks.cluster(region, given["clusterName"]), given["addonName"]
    answer["addon"]["status"] = "DELETING"

    def done(due: datetime) -> None:
        del due
        cluster.addons.pop(name, None)

    eks.later(at, "aws.addon.delete", f"{cluster.key}/{name}", done)
    return answer


def describe_addon_versions(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del eks, region, caller, at
    return page(given, "addons", describe_addons(given.get("addonName"), given.get("kubernetesVersion")))


def describe_addon_configuration(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del eks, region, caller, at
    name, version = given["addonName"], given["addonVersion"]
    if name not in ADDONS or version not in {text for text, _, _ in ADDONS[name][1]}:
        raise Refusal("ResourceNotFoundException", f"No addon {name} of version {version}.", 404)
    return {"addonName": name, "addonVersion": version, "configurationSchema": json.dumps(addon_schema(name))}
