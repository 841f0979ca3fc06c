"""What AKS knows of add-ons: their names, and what some of them must be told. Called when a cluster is put.

Source: https://learn.microsoft.com/azure/aks/integrations.
"""

from skyclust.sandbox.azure.errors import Json, bad_request

_KNOWN = (
    "aciConnectorLinux", "azureKeyvaultSecretsProvider", "azurepolicy", "httpApplicationRouting",
    "ingressApplicationGateway", "kubeDashboard", "omsagent", "openServiceMesh",
)  # fmt: skip
_WORKSPACE = "logAnalyticsWorkspaceResourceID"


def checked_addons(profiles: Json) -> Json:
    for name, profile in profiles.items():
        if name.lower() not in {known.lower() for known in _KNOWN}:
            raise bad_request("AddonInvalid", f"Unknown addon {name}.", "addonProfiles")
        told = {key.lower() for key in profile.get("config") or {}}
        if name.lower() == "omsagent" and profile.get("enabled") and _WORKSPACE.lower() not in told:
            message = f"Addon omsagent is enabled but required config {_WORKSPACE} is not provided."
            raise bad_request("AddonInvalid", message, "addonProfiles")
    return profiles
