"""AKS's add-ons: profiles with settings, and switches of the storage profile."""

import pytest

from skyclust.clusters.addons import wish_findings
from skyclust.contract.specs import AddonSpec, ClusterSpec
from skyclust.providers.azure import addons

WORKSPACE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w"


def wished(*wishes):
    return addons.wished(ClusterSpec("shop", "koreacentral", "1.34", addons=wishes))


def findings(*wishes):
    spec = ClusterSpec("shop", "koreacentral", "1.34", addons=wishes)
    return [(item.field, item.message) for item in wish_findings(spec, addons.offers(), "Microsoft Azure")]


def test_profiles_keep_what_nobody_wished_for():
    before = {
        "addonProfiles": {
            "azurePolicy": {"enabled": True, "identity": {"clientId": "x"}},
            "omsagent": {"enabled": True},
        },
        "storageProfile": {"diskCSIDriver": {"enabled": True, "version": "v1"}},
    }
    spec = wished(
        AddonSpec("azurepolicy", enabled=False), AddonSpec("blobCSIDriver"), AddonSpec("diskCSIDriver", enabled=False),
        AddonSpec("azureKeyvaultSecretsProvider", configuration={"enableSecretRotation": "true"}),
    )  # fmt: skip
    assert addons.profiles_of(spec, before) == {
        "addonProfiles": {
            "azurePolicy": {"enabled": False},
            "omsagent": {"enabled": True},
            "azureKeyvaultSecretsProvider": {"enabled": True, "config": {"enableSecretRotation": "true"}},
        },
        "storageProfile": {
            "diskCSIDriver": {"enabled": False, "version": "v1"}, "blobCSIDriver": {"enabled": True},
        },
    }  # fmt: skip
    assert addons.profiles_of({}, before) == {}


def test_settings_that_aks_adds_are_no_difference():
    spec = wished(AddonSpec("azureKeyvaultSecretsProvider", configuration={"enableSecretRotation": "true"}))
    shown = {"enableSecretRotation": "true", "rotationPollInterval": "2m"}
    seen = addons.seen({"addonProfiles": {"azureKeyvaultSecretsProvider": {"enabled": True, "config": shown}}})
    assert addons.differing(spec, {"addons": seen}) == {}
    other = seen | {"azureKeyvaultSecretsProvider": {"configuration": {"enableSecretRotation": "false"}}}
    assert set(addons.differing(spec, {"addons": other})) == {"azureKeyvaultSecretsProvider"}


@pytest.mark.parametrize(
    ("wish", "field", "told"),
    [
        (AddonSpec("omsagent"), "/addons/0/configuration/logAnalyticsWorkspaceResourceID", "required"),
        (AddonSpec("azurepolicy", "v1"), "/addons/0/version", "has none of its own"),
        (AddonSpec("httpApplicationRouting"), "/addons/0/name", "There are: azureKeyvaultSecretsProvider"),
        (AddonSpec("httpApplicationRouting", enabled=False), "/addons/0/name", "has no add-on"),
        (AddonSpec("diskCSIDriver", enabled=False), "/addons/0/name", "no volume is made on Azure Disk"),
    ],
)
def test_what_aks_would_refuse_is_told(wish, field, told):
    ((where, message),) = findings(wish)
    assert where == field
    assert told in message


def test_an_ingress_gateway_is_named_or_given_a_place():
    assert findings(AddonSpec("ingressApplicationGateway")) != []
    assert findings(AddonSpec("ingressApplicationGateway", configuration={"subnetCIDR": "10.1.0.0/24"})) == []
    assert findings(AddonSpec("omsagent", configuration={"logAnalyticsWorkspaceResourceID": WORKSPACE})) == []
