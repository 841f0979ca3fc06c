"""Clusters and networks that somebody made with gcloud or Terraform, in our words: nothing would be done to them."""

import asyncio
import json
from dataclasses import replace
from uuid import UUID

import pytest

from skyclust.contract.errors import InvalidSpec, NotSupported
from skyclust.contract.resources import Mark, resolve, topological_order
from skyclust.contract.specs import AutoScaling, ClusterSpec, FirewallRuleSpec, NodePoolSpec, SecurityGroupSpec, Taint
from skyclust.providers.gcp.import_networks import covering, rule_of
from skyclust.provisioning.planning import plan_import, plan_release
from skyclust.provisioning.rows import OperationState

REGION = "asia-northeast3"
ZONE = f"{REGION}-a"
MARK = Mark(UUID(int=1), UUID(int=2), 1, "shop")


class Hand:
    """Somebody with a REST client."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.session = sandbox.provider.connect(sandbox.credential, REGION)
        self.project = sandbox.project

    def write(self, make):
        asyncio.run(self.session.write(make))
        self.wait()

    def wait(self, seconds=900):
        self.sandbox.control("POST", "clock", {"advance_seconds": seconds})

    def network(self, **fields):
        body = {"name": "theirs", "autoCreateSubnetworks": True} | fields
        self.write(lambda apis: apis.compute.networks().insert(project=self.project, body=body))
        return f"projects/{self.project}/global/networks/{body['name']}"

    def subnetwork(self, **fields):
        body = {"name": "nodes", "network": f"projects/{self.project}/global/networks/theirs"} | fields
        self.write(lambda apis: apis.compute.subnetworks().insert(project=self.project, region=REGION, body=body))

    def firewall(self, name, **fields):
        body = {"name": name, "network": f"projects/{self.project}/global/networks/theirs"} | fields
        self.write(lambda apis: apis.compute.firewalls().insert(project=self.project, body=body))

    def cluster(self, location=REGION, **fields):
        body = {"cluster": {"name": "legacy", "network": "theirs", "subnetwork": "theirs"} | fields}
        parent = f"projects/{self.project}/locations/{location}"
        self.write(lambda apis: apis.container.projects().locations().clusters().create(parent=parent, body=body))
        return f"{parent}/clusters/{body['cluster']['name']}"

    def change(self, path, field, value):
        self.sandbox.control("POST", "actions/gcp/change", {"id": path, "field": field, "value": value})

    def imported(self, what, external_id):
        return asyncio.run(getattr(self.sandbox.provider, f"import_{what}")(self.session, external_id))

    def observed(self, graph, ids):
        """(driver, spec, what is observed) by key, of all that exists."""

        async def look():
            outputs, seen = {}, {}
            for key in topological_order({node.key: node.depends_on for node in graph}):
                node, driver = graph[key], self.sandbox.provider.driver(graph[key].kind)
                if not driver.creates or not (node.adopt_id or ids.get(key)):
                    continue
                spec = resolve(node.spec, outputs)
                observed = await driver.observe(self.session, node.adopt_id or ids[key], spec)
                outputs[key] = observed.outputs
                if node.adopt_id is None:
                    seen[key] = (driver, spec, observed)
            return seen

        return asyncio.run(look())

    def changes(self, spec, ids):
        """What would be changed, by key."""
        provider = self.sandbox.provider
        make = provider.cluster_blueprint if isinstance(spec, ClusterSpec) else provider.network_blueprint
        found = {key: driver.diff(spec, seen) for key, (driver, spec, seen) in self.observed(make(spec), ids).items()}
        return {key: [change.field for change in changes] for key, changes in found.items() if changes}


@pytest.fixture
def hand(sandbox):
    return Hand(sandbox)


def errors(findings):
    return [finding.message for finding in findings if finding.severity == "error"]


def check(hand, found):
    """Nothing to do, stable in the database, valid, and complete."""
    spec = found.spec
    assert hand.changes(spec, found.ids) == {}
    assert ClusterSpec.from_json(json.loads(json.dumps(spec.to_json()))) == spec
    assert errors(hand.sandbox.provider.validate_cluster(spec)) == []
    graph = hand.sandbox.provider.cluster_blueprint(spec)
    creates = {node.key for node in graph if not node.adopt_id and hand.sandbox.provider.driver(node.kind).creates}
    assert creates == found.ids.keys()


def test_a_regional_cluster_as_gcloud_makes_it(hand):
    hand.network()
    path = hand.cluster(initialNodeCount=1)
    found = hand.imported("cluster", path)
    check(hand, found)
    assert found.findings == ()
    assert found.ids == {"cluster": path, "node-pool/default-pool": f"{path}/nodePools/default-pool"}
    assert found.spec.vpc_id == f"projects/{hand.project}/global/networks/theirs"
    assert found.spec.subnet_ids == (f"projects/{hand.project}/regions/{REGION}/subnetworks/theirs",)
    assert found.spec.options["service_account"].endswith("-compute@developer.gserviceaccount.com")
    assert found.spec.options["private_cluster"] is False
    pool = found.spec.node_pools[0]
    assert (pool.machine_type, pool.node_count, pool.disk_gb, len(pool.zones)) == ("e2-medium", 3, 100, 3)


def test_a_zonal_cluster_with_pools_of_every_sort(hand):
    hand.network()
    pools = [
        {
            "name": "spot", "initialNodeCount": 1, "locations": [ZONE, f"{REGION}-b"],
            "autoscaling": {"enabled": True, "minNodeCount": 0, "maxNodeCount": 3},
            "config": {
                "machineType": "e2-standard-4", "spot": True, "diskType": "pd-ssd", "diskSizeGb": 80,
                "labels": {"tier": "web"}, "taints": [{"key": "spot", "value": "yes", "effect": "NO_SCHEDULE"}],
            },
        },
        {"name": "base", "initialNodeCount": 2, "config": {"machineType": "n2-standard-2", "diskType": "pd-standard"}},
    ]  # fmt: skip
    path = hand.cluster(ZONE, locations=[ZONE, f"{REGION}-b"], nodePools=pools, releaseChannel={"channel": "STABLE"})
    found = hand.imported("cluster", path)
    check(hand, found)
    spot, base = sorted(found.spec.node_pools, key=lambda pool: pool.name, reverse=True)
    assert spot.auto_scaling == AutoScaling(0, 6)
    assert (spot.spot, spot.labels, spot.taints) == (True, {"tier": "web"}, (Taint("spot", "yes", "NoSchedule"),))
    assert (base.node_count, base.zones) == (4, (ZONE, f"{REGION}-b"))
    assert found.spec.options["release_channel"] == "stable"
    graph = hand.sandbox.provider.cluster_blueprint(found.spec)
    assert graph["cluster"].spec["location"] == ZONE
    assert graph["node-pool/spot"].spec["disk_type"] == "pd-ssd"


@pytest.mark.parametrize("zones", [[ZONE], [ZONE, f"{REGION}-c"]])
def test_a_regional_cluster_keeps_its_location_whatever_its_zones(hand, zones):
    hand.network()
    path = hand.cluster(locations=zones, initialNodeCount=1)
    found = hand.imported("cluster", path)
    check(hand, found)
    assert hand.sandbox.provider.cluster_blueprint(found.spec)["cluster"].spec["location"] == REGION


def test_a_private_cluster_with_every_switch(hand):
    hand.network()
    path = hand.cluster(
        initialNodeCount=1,
        privateClusterConfig={
            "enablePrivateNodes": True, "enablePrivateEndpoint": True, "masterIpv4CidrBlock": "172.16.0.0/28"
        },
        masterAuthorizedNetworksConfig={"enabled": True, "cidrBlocks": [{"cidrBlock": "10.9.0.0/16"}]},
        binaryAuthorization={"evaluationMode": "PROJECT_SINGLETON_POLICY_ENFORCE"},
        workloadIdentityConfig={"workloadPool": f"{hand.project}.svc.id.goog"},
        networkPolicy={"enabled": True, "provider": "CALICO"},
        releaseChannel={"channel": "UNSPECIFIED"},
    )  # fmt: skip
    found = hand.imported("cluster", path)
    check(hand, found)
    given = {name: value for name, value in found.spec.options.items() if not name.startswith("_")}
    assert given.pop("service_account")
    assert given == {
        "release_channel": "none", "private_cluster": True, "private_endpoint": True,
        "authorized_networks": ["10.9.0.0/16"], "workload_identity": True, "binary_authorization": True,
        "network_policy": True,
    }  # fmt: skip


def test_an_autopilot_cluster_has_no_pools_to_manage(hand):
    hand.network()
    path = hand.cluster(autopilot={"enabled": True})
    found = hand.imported("cluster", path)
    check(hand, found)
    assert (found.spec.mode, found.spec.node_pools, found.ids) == ("autopilot", (), {"cluster": path})


def test_secondary_ranges_that_exist_are_referred_to_by_name(hand):
    hand.network(autoCreateSubnetworks=False)
    ranges = [{"rangeName": "p", "ipCidrRange": "10.64.0.0/14"}, {"rangeName": "s", "ipCidrRange": "10.70.0.0/20"}]
    hand.subnetwork(ipCidrRange="10.0.0.0/22", secondaryIpRanges=ranges)
    policy = {"useIpAliases": True, "clusterSecondaryRangeName": "p", "servicesSecondaryRangeName": "s"}
    path = hand.cluster(subnetwork="nodes", initialNodeCount=1, ipAllocationPolicy=policy)
    found = hand.imported("cluster", path)
    check(hand, found)
    assert (found.spec.options["_pods_range"], found.spec.options["_services_range"]) == ("p", "s")


def test_what_our_words_cannot_say_is_found_and_left_as_it_is(hand):
    hand.network()
    config = {"imageType": "UBUNTU_CONTAINERD", "preemptible": True, "tags": ["web"]}
    path = hand.cluster(initialNodeCount=1, nodeConfig=config)
    found = hand.imported("cluster", path)
    check(hand, found)
    told = " ".join(finding.message for finding in found.findings)
    assert errors(found.findings) == []
    assert all(word in told for word in ("UBUNTU_CONTAINERD", "preemptible", "network tags"))


def test_an_older_pool_forbids_to_manage_the_cluster(hand):
    hand.network()
    path = hand.cluster(initialNodeCount=1)
    cluster = next(row for row in hand.sandbox.resources() if row["kind"] == "cluster")
    hand.change(f"{cluster['id']}/nodePools/default-pool", "version", "1.31.1-gke.1000")
    assert any("older than its control plane" in text for text in errors(hand.imported("cluster", path).findings))


def test_what_could_not_be_asked_for_now_is_told_before_a_change_is_refused(hand):
    hand.network()
    path = hand.cluster(initialNodeCount=1)
    cluster = next(row for row in hand.sandbox.resources() if row["kind"] == "cluster")
    hand.change(f"{cluster['id']}/nodePools/default-pool", "config.machineType", "abacus-2")
    found = hand.imported("cluster", path)
    assert hand.changes(found.spec, found.ids) == {}
    assert any("abacus-2" in item.message and item.severity == "warning" for item in found.findings)


def test_after_an_import_only_what_is_asked_for_changes(hand):
    hand.network()
    path = hand.cluster(initialNodeCount=1)
    found = hand.imported("cluster", path)
    grown = replace(found.spec.node_pools[0], node_count=6)
    extra = NodePoolSpec("extra", "e2-standard-2", 3)
    spec = replace(found.spec, node_pools=(grown, extra))
    assert hand.changes(spec, found.ids) == {"node-pool/default-pool": ["node_count"]}
    assert "node-pool/extra" in {node.key for node in hand.sandbox.provider.cluster_blueprint(spec)}


def test_labels_of_others_stay_when_a_mark_comes_and_goes(hand):
    hand.network()
    path = hand.cluster(initialNodeCount=1, resourceLabels={"team": "web", "skyclust-like": "yes"})
    provider, pool = hand.sandbox.provider, f"{path}/nodePools/default-pool"

    def labels():
        shown = asyncio.run(
            hand.session.read(lambda apis: apis.container.projects().locations().clusters().get(name=path))
        )
        return shown["resourceLabels"], shown["nodePools"][0]["config"].get("resourceLabels", {})

    for call in (provider.mark, provider.unmark):
        for kind, external_id in (("gcp.container.cluster", path), ("gcp.container.node_pool", pool)):
            asyncio.run(call(hand.session, kind, external_id, {}, MARK))
            hand.wait()
        others = {"team": "web", "skyclust-like": "yes"}
        if call == provider.mark:
            assert labels() == (others | MARK.labels(), MARK.labels())
            assert [item.owner.resource_id for item in asyncio.run(provider.existing(hand.session)) if item.owner] == [
                MARK.resource_id
            ]
    assert labels() == (others, {})


# ---- by the real engine ----
def imported_by(stack, hand, graph, found):
    """The marks are on when the import has succeeded."""
    operation = asyncio.run(stack.carry_out(plan_import(graph, found.ids), graph))
    assert operation.state is OperationState.SUCCEEDED, operation.message
    hand.wait()


def marked(fast):
    return sorted(row["kind"] for row in fast.resources() if "skyclust-resource" in row["tags"] and row["kind"] in OURS)


OURS = ("cluster", "node_pool")


def test_an_imported_cluster_is_scaled_and_deleted_like_ours_and_its_network_stays(fast, stack):
    hand = Hand(fast)
    hand.network()
    found = hand.imported("cluster", hand.cluster(initialNodeCount=1))
    graph = fast.provider.cluster_blueprint(found.spec)
    imported_by(stack, hand, graph, found)
    assert marked(fast) == ["cluster", "node_pool"]
    assert stack.plan(graph).empty
    pool = replace(found.spec.node_pools[0], node_count=6)
    graph = fast.provider.cluster_blueprint(replace(found.spec, node_pools=(pool,)))
    assert asyncio.run(stack.apply(graph)).state is OperationState.SUCCEEDED
    assert fast.kinds()["instance"] == 6
    before = fast.kinds()["network"]
    assert asyncio.run(stack.apply(None)).state is OperationState.SUCCEEDED
    assert fast.kinds()["network"] == before
    assert "cluster" not in fast.kinds()


def test_a_released_cluster_lives_on_without_our_mark(fast, stack):
    hand = Hand(fast)
    hand.network()
    found = hand.imported("cluster", hand.cluster(initialNodeCount=1))
    graph = fast.provider.cluster_blueprint(found.spec)
    imported_by(stack, hand, graph, found)
    operation = asyncio.run(stack.carry_out(plan_release(stack.rows()), None))
    assert operation.state is OperationState.SUCCEEDED, operation.message
    hand.wait()
    assert marked(fast) == []
    assert hand.changes(found.spec, found.ids) == {}


# ---- networks ----
def test_a_network_with_subnetworks_and_the_rules_that_can_be_said(hand):
    path = hand.network(autoCreateSubnetworks=False, mtu=1500, routingConfig={"routingMode": "GLOBAL"})
    hand.subnetwork(ipCidrRange="10.0.0.0/24", secondaryIpRanges=[{"rangeName": "p", "ipCidrRange": "10.8.0.0/16"}])
    hand.subnetwork(name="more", ipCidrRange="10.0.3.0/24", privateIpGoogleAccess=True)
    hand.firewall("web", allowed=[{"IPProtocol": "tcp", "ports": ["443"]}], sourceRanges=["0.0.0.0/0"])
    hand.firewall("nodes", allowed=[{"IPProtocol": "tcp"}, {"IPProtocol": "udp"}], sourceRanges=["10.0.0.0/8"])
    found = hand.imported("network", path)
    assert hand.changes(found.spec, found.ids) == {}
    assert (found.spec.cidr_block, found.spec.mtu, found.spec.routing_mode) == ("10.0.0.0/22", 1500, "global")
    assert found.ids.keys() == {"network", "subnet/nodes", "subnet/more", "security-group/web"}
    assert len(errors(found.findings)) == 1
    assert "read-only" in errors(found.findings)[0]
    assert any("nodes" in finding.message for finding in found.findings if finding.severity == "warning")


def test_a_group_made_of_a_rule_of_others_gives_its_place_back_when_the_rule_goes(hand):
    path = hand.network(autoCreateSubnetworks=False)
    hand.firewall("web", allowed=[{"IPProtocol": "tcp", "ports": ["443"]}], sourceRanges=["0.0.0.0/0"])
    found = hand.imported("network", path)
    other = FirewallRuleSpec("ingress", "tcp", 80, 80, ("0.0.0.0/0",))
    spec = replace(found.spec, security_groups=(SecurityGroupSpec("web", "", (other,)),))
    graph = hand.sandbox.provider.network_blueprint(spec)
    assert graph["security-group/web"].spec["name"] == "web"
    assert graph["security-group/web"].spec["disabled"] is True
    assert len([node for node in graph if node.key.startswith("security-group/web/")]) == 1


def test_a_rule_of_others_takes_a_mark_into_its_description_and_gives_it_back(hand):
    hand.network(autoCreateSubnetworks=False)
    hand.firewall("web", description="the shop", allowed=[{"IPProtocol": "icmp"}], sourceRanges=["0.0.0.0/0"])
    path, kind = f"projects/{hand.project}/global/firewalls/web", "gcp.compute.firewall"

    def description():
        hand.wait()
        where = {"project": hand.project, "firewall": "web"}
        return asyncio.run(hand.session.read(lambda apis: apis.compute.firewalls().get(**where)))["description"]

    asyncio.run(hand.sandbox.provider.mark(hand.session, kind, path, {}, MARK))
    assert description() == f"{MARK.description()} the shop"
    asyncio.run(hand.sandbox.provider.unmark(hand.session, kind, path, {}, MARK))
    assert description() == "the shop"


@pytest.mark.parametrize("kind", ["gcp.compute.network", "gcp.compute.subnetwork", "gcp.compute.router"])
def test_kinds_without_room_for_a_mark_say_so(hand, kind):
    for call in (hand.sandbox.provider.mark, hand.sandbox.provider.unmark):
        with pytest.raises(NotSupported, match="read-only"):
            asyncio.run(call(hand.session, kind, "projects/p/global/networks/theirs", {}, MARK))


@pytest.mark.parametrize("external_id", ["", "nowhere", "projects/x/locations/y", "https://example.com/a b"])
def test_ids_that_mean_nothing_are_refused(hand, external_id):
    for what in ("cluster", "network"):
        with pytest.raises(InvalidSpec):
            hand.imported(what, external_id)


@pytest.mark.parametrize(
    "more",
    [
        {"priority": 900},
        {"targetTags": ["web"]},
        {"sourceTags": ["web"]},
        {"disabled": True},
        {"allowed": [{"IPProtocol": "tcp", "ports": ["80", "443"]}]},
        {"allowed": [{"IPProtocol": "esp"}]},
    ],
)
def test_rules_that_say_more_than_ours_are_not_described(more):
    plain = {
        "direction": "INGRESS",
        "priority": 1000,
        "allowed": [{"IPProtocol": "tcp"}],
        "sourceRanges": ["0.0.0.0/0"],
    }
    assert rule_of(plain) == FirewallRuleSpec("ingress", "tcp", None, None, ("0.0.0.0/0",))
    assert rule_of(plain | more) is None


@pytest.mark.parametrize(
    ("blocks", "whole"),
    [((), ""), (("10.0.0.0/24",), "10.0.0.0/24"), (("10.0.0.0/24", "10.0.3.0/24"), "10.0.0.0/22")],
)
def test_the_smallest_block_around_others(blocks, whole):
    assert covering(blocks) == whole
