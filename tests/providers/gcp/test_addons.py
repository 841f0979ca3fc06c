"""GKE's add-ons: switches of a cluster, in the API's own words."""

import pytest

from skyclust.contract.resources import Observed, Phase
from skyclust.contract.specs import AddonSpec, ClusterSpec, NetworkSpec, NodePoolSpec
from skyclust.providers.gcp import addons, provider
from skyclust.providers.gcp.drivers.cluster_bodies import cluster_changes

REGION = "europe-west1"


@pytest.fixture(scope="module")
def gcp():
    return provider({})


def spec_of(*wishes, **changes):
    fields = {
        "network": NetworkSpec("shop", REGION, "10.0.0.0/16"),
        "node_pools": (NodePoolSpec("default", "e2-standard-2", 3),),
        "addons": wishes,
    }
    return ClusterSpec("shop", REGION, "1.34", **{**fields, **changes})


def test_a_switch_is_said_the_way_the_api_says_it():
    assert addons.config_of({"httpLoadBalancing": False, "dnsCacheConfig": True}) == {
        "httpLoadBalancing": {"disabled": True}, "dnsCacheConfig": {"enabled": True},
    }  # fmt: skip
    shown = {"httpLoadBalancing": {}, "horizontalPodAutoscaling": {"disabled": True}, "dnsCacheConfig": {}}
    assert list(addons.seen({"addonsConfig": shown})) == ["httpLoadBalancing"]


def test_who_asks_for_nothing_gets_the_graph_of_before(gcp):
    assert "addons" not in gcp.cluster_blueprint(spec_of())["cluster"].spec


def test_what_nobody_wished_is_let_be_and_what_was_switched_by_others_differs(gcp):
    spec = gcp.cluster_blueprint(spec_of(AddonSpec("dnsCacheConfig"), AddonSpec("httpLoadBalancing", enabled=False)))
    body = spec["cluster"].spec
    fields = {"version": "1.34.1", "addons": {"httpLoadBalancing": {}, "gcsFuseCsiDriverConfig": {}}}
    (change,) = [
        item for item in cluster_changes(body, Observed("x", Phase.READY, {}, fields)) if item.field == "addons"
    ]
    assert change.after == {"dnsCacheConfig": True, "httpLoadBalancing": False}


def test_what_needs_workload_identity_is_refused_without_it(gcp):
    wish = AddonSpec("gcsFuseCsiDriverConfig")
    assert gcp.validate_cluster(spec_of(wish)) == ()
    (told,) = gcp.validate_cluster(spec_of(wish, options={"workload_identity": False}))
    assert (told.severity, told.field, "needs workload identity" in told.message) == ("error", "/addons/0/name", True)


def test_an_autopilot_cluster_may_have_what_google_leaves_to_people(gcp):
    offers = gcp.addon_offers("1.34", "autopilot")
    assert [offer.name for offer in offers] == ["configConnectorConfig", "gkeBackupAgentConfig"]
    assert not any(offer.by_default for offer in offers)
