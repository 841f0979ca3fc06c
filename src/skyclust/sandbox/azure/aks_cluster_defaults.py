"""Clusters as AKS completes and checks them: what is left out gets AKS's default, what cannot change is kept.

Rules: https://learn.microsoft.com/azure/aks/ (private clusters, workload identity, API server access, support plans).
"""

import ipaddress
import re

from skyclust.sandbox.azure.aks_addons import checked_addons
from skyclust.sandbox.azure.aks_networks import complete_network
from skyclust.sandbox.azure.aks_versions import DEFAULT, check_upgrade, resolve
from skyclust.sandbox.azure.cloud import Cloud, guid_of, named
from skyclust.sandbox.azure.errors import Json, bad_request, invalid_parameter
from skyclust.sandbox.azure.resources import Change

_PREFIX = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,52}[A-Za-z0-9])?")
_FIXED = ("dnsPrefix", "fqdnSubdomain", "nodeResourceGroup", "enableRBAC", "diskEncryptionSetID")
_DRIVERS = {
    "diskCSIDriver": {"enabled": True},
    "fileCSIDriver": {"enabled": True},
    "snapshotController": {"enabled": True},
}


def complete_cluster(cloud: Cloud, change: Change, node_group: str) -> Json:
    """The properties but the pools; `change.old` are those it has now."""
    name, given = named(change.id), change.properties
    given.pop("agentPoolProfiles", None)
    old = (change.old or {}).get("properties", {})
    _check_fixed(given, old)
    prefix = given.get("dnsPrefix") or old.get("dnsPrefix") or given.get("fqdnSubdomain")
    if not prefix or not _PREFIX.fullmatch(prefix):
        raise invalid_parameter(
            "dnsPrefix",
            f"The value of parameter dnsPrefix is invalid: '{prefix or ''}'. It takes 1 to 54 letters, digits and "
            "hyphens and starts and ends with a letter or digit. Please see https://aka.ms/aks-naming-rules for "
            "more details.",
        )
    properties: Json = {
        "dnsPrefix": prefix,
        "nodeResourceGroup": old.get("nodeResourceGroup") or node_group,
        "enableRBAC": True,
        "maxAgentPools": 100,
        "disableLocalAccounts": False,
        "supportPlan": "KubernetesOfficial",
        "autoUpgradeProfile": {"nodeOSUpgradeChannel": "NodeImage"},
        "metricsProfile": {"costAnalysis": {"enabled": False}},
        "workloadAutoScalerProfile": {},
        "servicePrincipalProfile": {"clientId": "msi"},
        **given,
        "storageProfile": _DRIVERS | (old.get("storageProfile") or {}) | (given.get("storageProfile") or {}),
        "addonProfiles": checked_addons(given.get("addonProfiles") or {}),
        "networkProfile": complete_network(given.get("networkProfile", {}), old.get("networkProfile", {})),
        "apiServerAccessProfile": _access(given.get("apiServerAccessProfile", {}), old.get("apiServerAccessProfile")),
        "oidcIssuerProfile": _issuer(cloud, change, given.get("oidcIssuerProfile"), old.get("oidcIssuerProfile")),
        "securityProfile": given.get("securityProfile", {}),
        "powerState": old.get("powerState", {"code": "Running"}),
        "resourceUID": old.get("resourceUID") or guid_of(f"{change.id}@{cloud.now()}")[:24],
    }
    for kept in ("currentKubernetesVersion", "fqdn", "privateFQDN", "azurePortalFQDN", "identityProfile"):
        if kept in old:
            properties.setdefault(kept, old[kept])
    _check_support(change, properties)
    properties |= _version(name, given, old, long_term=properties["supportPlan"] == "AKSLongTermSupport")
    workload = properties["securityProfile"].get("workloadIdentity", {}).get("enabled")
    if workload and not properties["oidcIssuerProfile"]["enabled"]:
        raise invalid_parameter(
            "securityProfile.workloadIdentity", "Workload identity requires the OIDC issuer; enable oidcIssuerProfile."
        )
    _check_accounts(properties)
    return properties


def _check_fixed(given: Json, old: Json) -> None:
    for field in _FIXED:
        if old.get(field) is not None and field in given and given[field] != old[field]:
            raise bad_request(
                "PropertyChangeNotAllowed",
                f"Changing property 'properties.{field}' is not allowed.",
                f"properties.{field}",
            )


def _access(given: Json, old: Json | None) -> Json:
    private = bool(given.get("enablePrivateCluster", (old or {}).get("enablePrivateCluster", False)))
    if old is not None and private != bool(old.get("enablePrivateCluster")):
        raise bad_request(
            "PropertyChangeNotAllowed",
            "Changing property 'apiServerAccessProfile.enablePrivateCluster' is not allowed.",
        )
    ranges = given.get("authorizedIPRanges", [])
    if private and ranges:
        raise invalid_parameter(
            "apiServerAccessProfile.authorizedIPRanges", "A private cluster cannot have authorized IP ranges."
        )
    for text in ranges:
        try:
            ipaddress.IPv4Network(text)
        except ValueError:
            raise invalid_parameter(
                "apiServerAccessProfile.authorizedIPRanges", f"'{text}' is no IPv4 address range."
            ) from None
    if not given and not private:
        return {}
    return {
        **given,
        **({"enablePrivateCluster": True, "privateDNSZone": given.get("privateDNSZone", "system")} if private else {}),
    }


def _issuer(cloud: Cloud, change: Change, given: Json | None, old: Json | None) -> Json:
    enabled = bool((given if given is not None else old or {}).get("enabled"))
    if old and old.get("enabled") and not enabled:
        raise bad_request(
            "OIDCIssuerFeatureCannotBeDisabled", "The OIDC issuer feature cannot be disabled once it is enabled."
        )
    if not enabled:
        return {"enabled": False}
    url = f"https://{change.location}.oic.prod-aks.azure.com/{cloud.account.tenant}/{guid_of(change.id.lower())}/"
    return {"enabled": True, "issuerURL": (old or {}).get("issuerURL") or url}


def _check_support(change: Change, properties: Json) -> None:
    tier = change.new.get("sku", {}).get("tier", "Free")
    if (properties["supportPlan"] == "AKSLongTermSupport") and tier != "Premium":
        raise bad_request(
            "InvalidParameter", "The support plan AKSLongTermSupport requires the sku tier Premium.", "supportPlan"
        )


def _version(name: str, given: Json, old: Json, *, long_term: bool) -> Json:
    """What was asked for and the full version that it means."""
    wanted = given.get("kubernetesVersion") or old.get("kubernetesVersion") or DEFAULT
    current = old.get("_version")
    if current and wanted in (old["kubernetesVersion"], current):
        return {"kubernetesVersion": wanted, "_version": current}
    full = resolve(wanted, name, long_term=long_term)
    if current:
        check_upgrade(current, full)
    return {"kubernetesVersion": wanted, "_version": full}


def _check_accounts(properties: Json) -> None:
    if properties["disableLocalAccounts"] and not properties.get("aadProfile"):
        raise bad_request(
            "BadRequest",
            "Local accounts can be disabled only on a cluster with Microsoft Entra integration (aadProfile).",
        )


def identity_of(cloud: Cloud, change: Change) -> Json:
    """The cluster's own identity, with the ids that Azure gives it."""
    given = change.new.get("identity") or (change.old or {}).get("identity")
    principal = change.properties.get("servicePrincipalProfile", {}).get("clientId")
    if given is None or given.get("type") == "None":
        if principal:
            return {}
        raise invalid_parameter(
            "identity", "A managed cluster needs an identity: SystemAssigned, UserAssigned, or a service principal."
        )
    if given.get("type") == "UserAssigned":
        members = given.get("userAssignedIdentities") or {}
        if not members:
            raise invalid_parameter("identity.userAssignedIdentities", "An identity of type UserAssigned names one.")
        ids = {
            key: {"principalId": guid_of(f"{key}/principal".lower()), "clientId": guid_of(f"{key}/client".lower())}
            for key in members
        }
        return {"type": "UserAssigned", "userAssignedIdentities": ids}
    return {
        "type": "SystemAssigned",
        "principalId": guid_of(f"{change.id.lower()}/identity"),
        "tenantId": cloud.account.tenant,
    }
