"""The checks of request bodies against the models of Azure's packages. Every sort of mistake is one that is refused."""

import pytest

from skyclust.sandbox.azure import model_extracting, models
from skyclust.sandbox.azure.errors import ArmError
from skyclust.sandbox.azure.methods import KINDS

POOL = "containerservice.AgentPool"


def test_what_only_azure_writes_is_dropped_and_the_rest_is_kept():
    body = {
        "id": "x",
        "name": "main",
        "properties": {
            "count": 3,
            "PROVISIONINGSTATE": "Succeeded",
            "mode": "system",
            "nodeLabels": {"a": "b"},
            "vmSize": None,
        },
    }
    kept = {"count": 3, "mode": "System", "nodeLabels": {"a": "b"}}
    assert models.check(POOL, body) == {"id": "x", "name": "main", "properties": kept}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ([], "InvalidRequestContent"),
        ({"unheardOf": 1}, "InvalidRequestContent"),
        ({"properties": []}, "InvalidRequestContent"),
        ({"properties": {"unheardOf": 1}}, "InvalidRequestContent"),
        ({"properties": {"count": "3"}}, "InvalidRequestContent"),
        ({"properties": {"count": True}}, "InvalidRequestContent"),
        ({"properties": {"count": 3.5}}, "InvalidRequestContent"),
        ({"properties": {"enableAutoScaling": "true"}}, "InvalidRequestContent"),
        ({"properties": {"vmSize": 3}}, "InvalidRequestContent"),
        ({"properties": {"nodeTaints": "a=b:NoSchedule"}}, "InvalidRequestContent"),
        ({"properties": {"nodeTaints": [1]}}, "InvalidRequestContent"),
        ({"properties": {"nodeLabels": ["a"]}}, "InvalidRequestContent"),
        ({"properties": {"nodeLabels": {"a": 1}}}, "InvalidRequestContent"),
        ({"properties": {"upgradeSettings": {"maxSurges": "1"}}}, "InvalidRequestContent"),
        ({"properties": {"mode": "Both"}}, "InvalidParameter"),
        ({"properties": {"mode": 1}}, "InvalidRequestContent"),
    ],
)
def test_every_mistake_is_refused_by_name(body, code):
    with pytest.raises(ArmError) as refused:
        models.check(POOL, body)
    assert (refused.value.status, refused.value.code) == (400, code)


def test_the_models_are_those_of_the_installed_packages():
    """After an upgrade: `python -m skyclust.sandbox.azure.model_extracting`."""
    assert model_extracting.extract() == models.document()


def test_every_answer_fits_the_models_too(networked):
    """What the emulator invents by itself would be unknown to the packages."""
    networked.make_cluster(
        body=networked.cluster_body(aadProfile={"managed": True}, oidcIssuerProfile={"enabled": True})
    )
    networked.make_pool("spot", scaleSetPriority="Spot")
    network = networked.run(networked.network.virtual_networks.get("rg", "net"))
    networked.act("plant_instance", network_id=network.id)
    networked.act("kubernetes_leftovers", cluster="one")
    checked = set()
    for row in networked.resources():
        kind = next((kind for kind in KINDS.values() if kind.noun == row["kind"] and kind.model), None)
        if kind is not None:
            document = networked.get(row["id"].split("/", 3)[3])
            models.check(kind.model, document)
            checked.add(kind.noun)
    assert checked >= {
        "network",
        "subnet",
        "security_group",
        "public_ip",
        "load_balancer",
        "network_interface",
        "cluster",
        "agent_pool",
    }
