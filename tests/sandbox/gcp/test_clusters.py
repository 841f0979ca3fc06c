"""Clusters of container.v1, from creation to deletion, and what may not be asked of them."""

import base64

import pytest


def test_a_zonal_cluster_comes_to_life_with_nodes_and_goes_again(placed):
    started = placed.create(placed.spec())
    assert started["status"] == "PENDING"
    assert placed.cluster()["status"] == "PROVISIONING"
    assert placed.settled(started)["status"] == "DONE"
    cluster = placed.cluster()
    assert cluster["status"] == "RUNNING"
    assert (cluster["zone"], cluster["location"]) == (placed.zone, placed.zone)
    assert cluster["currentNodeCount"] == 2
    assert cluster["clusterIpv4Cidr"] == "10.4.0.0/14"
    assert not cluster["endpoint"].startswith("https://")
    assert b"BEGIN CERTIFICATE" in base64.b64decode(cluster["masterAuth"]["clusterCaCertificate"])
    done = placed.settled(placed.clusters.delete(name=placed.name()).execute())
    assert done["status"] == "DONE"
    assert placed.clusters.list(parent=placed.parent("-")).execute().get("clusters", []) == []
    assert {row["kind"] for row in placed.sandbox.resources()} == {"network", "subnetwork"}


def test_a_regional_cluster_spreads_over_three_zones(placed):
    placed.settled(placed.create(placed.spec(), placed.region))
    cluster = placed.cluster(location=placed.region)
    assert cluster["locations"] == [f"{placed.region}-{letter}" for letter in "bcd"]
    assert cluster["currentNodeCount"] == 6
    assert len(cluster["nodePools"][0]["instanceGroupUrls"]) == 3
    assert f"locations/{placed.region}" in cluster["selfLink"]


def test_an_autopilot_cluster_runs_its_own_nodes(placed, refused):
    spec = placed.spec(autopilot={"enabled": True}, nodePools=[{"name": "default-pool", "initialNodeCount": 1}])
    placed.settled(placed.create(spec, placed.region))
    cluster = placed.cluster(location=placed.region)
    assert cluster["autopilot"]["enabled"] is True
    assert cluster["workloadIdentityConfig"]["workloadPool"] == f"{placed.project}.svc.id.goog"
    with refused() as it:
        placed.pools.create(parent=placed.name(location=placed.region), body={"nodePool": {"name": "x"}}).execute()
    assert "Autopilot" in it.message


def test_what_the_creator_chose_is_what_the_cluster_says(placed):
    chosen = {
        "privateClusterConfig": {"enablePrivateNodes": True, "masterIpv4CidrBlock": "172.16.0.0/28"},
        "workloadIdentityConfig": {"workloadPool": f"{placed.project}.svc.id.goog"},
        "binaryAuthorization": {"evaluationMode": "PROJECT_SINGLETON_POLICY_ENFORCE"},
        "networkPolicy": {"enabled": True, "provider": "CALICO"},
        "releaseChannel": {"channel": "STABLE"},
        "masterAuthorizedNetworksConfig": {"enabled": True, "cidrBlocks": [{"cidrBlock": "10.0.0.0/8"}]},
    }
    placed.settled(placed.create(placed.spec(**chosen)))
    cluster = placed.cluster()
    private = cluster.pop("privateClusterConfig")
    assert chosen.pop("privateClusterConfig").items() <= private.items()
    assert private["publicEndpoint"] == cluster["endpoint"]
    for field, value in chosen.items():
        assert cluster[field] == value
    assert cluster["nodePools"][0]["config"]["workloadMetadataConfig"] == {"mode": "GKE_METADATA"}
    assert cluster["currentMasterVersion"].startswith("1.33")
    rules = {row["name"].rsplit("-")[-1] for row in placed.sandbox.resources("firewall")}
    assert rules == {"all", "vms", "inkubelet", "exkubelet", "master"}


def test_ranges_are_chosen_when_none_are_named(cloud):
    cloud.network()
    cloud.subnetwork(secondaryIpRanges=[])
    cloud.settled(cloud.create(cloud.spec(ipAllocationPolicy={"useIpAliases": True, "servicesIpv4CidrBlock": "/20"})))
    policy = cloud.cluster()["ipAllocationPolicy"]
    where = {"project": cloud.project, "region": cloud.region, "subnetwork": "sub"}
    ranges = cloud.compute.subnetworks().get(**where).execute()["secondaryIpRanges"]
    assert {row["rangeName"] for row in ranges} == {
        policy["clusterSecondaryRangeName"],
        policy["servicesSecondaryRangeName"],
    }
    assert policy["clusterIpv4CidrBlock"].endswith("/14")
    cloud.settled(cloud.clusters.delete(name=cloud.name()).execute())
    assert cloud.compute.subnetworks().get(**where).execute().get("secondaryIpRanges", []) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "Not-Good"}, "Cluster.name"),
        ({"network": "none"}, 'has no network named "none"'),
        ({"subnetwork": "none"}, 'no subnetwork named "none"'),
        ({"initialClusterVersion": "1.9"}, 'No valid versions with the prefix "1.9"'),
        ({"nodePools": []}, "initial_node_count"),
        ({"initialNodeCount": 1}, "cannot be set"),
        (
            {"nodePools": [{"name": "a", "initialNodeCount": 1, "config": {"machineType": "z9-huge"}}]},
            "does not exist in zone",
        ),
        (
            {"nodePools": [{"name": "a", "initialNodeCount": 1, "config": {"serviceAccount": "x@y.z"}}]},
            "Service account",
        ),
        ({"nodePools": [{"name": "a", "initialNodeCount": 1}] * 2}, "same name"),
        ({"autopilot": {"enabled": True}}, "regional"),
        ({"ipAllocationPolicy": {"useIpAliases": True, "clusterSecondaryRangeName": "nope"}}, 'secondary range "nope"'),
        (
            {"privateClusterConfig": {"enablePrivateNodes": True, "masterIpv4CidrBlock": "172.16.0.0/24"}},
            "prefix length of 28",
        ),
        ({"privateClusterConfig": {"enablePrivateNodes": True, "masterIpv4CidrBlock": "10.0.0.0/28"}}, "overlaps"),
        ({"privateClusterConfig": {"enablePrivateEndpoint": True}}, "requires private nodes"),
        ({"workloadIdentityConfig": {"workloadPool": "other.svc.id.goog"}}, "workload pool"),
        ({"resourceLabels": {"Upper": "x"}}, "resource_labels"),
        ({"locations": ["us-east1-b"]}, "not a zone of region"),
        (
            {"networkPolicy": {"enabled": True}, "networkConfig": {"datapathProvider": "ADVANCED_DATAPATH"}},
            "DatapathV2",
        ),
        ({"releaseChannel": {"channel": "WEEKLY"}}, "enum"),
        ({"colour": "blue"}, 'Unknown name "colour"'),
    ],
)
def test_a_wrong_cluster_is_refused_with_the_reason(placed, refused, change, words):
    with refused() as it:
        placed.create(placed.spec(**change))
    assert it.status in (400, 404)
    assert words in it.message
    assert placed.sandbox.resources("cluster") == []


def test_a_name_is_unique_in_its_location_only(clustered, refused):
    with refused() as it:
        clustered.create(clustered.spec())
    assert (it.status, it.body["status"]) == (409, "ALREADY_EXISTS")
    clustered.create(clustered.spec(), f"{clustered.region}-c")
    assert len(clustered.clusters.list(parent=clustered.parent("-")).execute()["clusters"]) == 2
    assert len(clustered.clusters.list(parent=clustered.parent(clustered.zone)).execute()["clusters"]) == 1


def test_a_second_operation_on_a_cluster_is_refused(placed, refused):
    placed.create(placed.spec())
    with refused() as it:
        placed.clusters.delete(name=placed.name()).execute()
    assert (it.status, it.body["status"]) == (400, "FAILED_PRECONDITION")
    assert "incompatible operation operation-" in it.message


def test_the_absent_is_not_found(placed, refused):
    for call in (placed.clusters.get(name=placed.name("no")), placed.clusters.delete(name=placed.name("no"))):
        with refused() as it:
            call.execute()
        assert (it.status, it.body["status"]) == (404, "NOT_FOUND")
    with refused() as it:
        placed.clusters.list(parent=placed.parent("moon-east1-a")).execute()
    assert "does not exist" in it.message


def test_a_network_with_a_cluster_cannot_go(clustered, refused):
    with refused() as it:
        clustered.compute.subnetworks().delete(
            project=clustered.project, region=clustered.region, subnetwork="sub"
        ).execute()
    assert it.reason == "resourceInUseByAnotherResource"


def test_the_older_zonal_form_answers_the_same(clustered):
    zonal = clustered.container.projects().zones().clusters()
    assert zonal.get(projectId=clustered.project, zone=clustered.zone, clusterId="one").execute() == clustered.cluster()


def test_more_processors_than_the_quota_fail_the_operation(placed, sandbox):
    sandbox.act("set_quota", metric="CPUS", region=placed.region, limit=3)
    done = placed.settled(placed.create(placed.spec()))
    assert done["status"] == "DONE"
    assert "QUOTA_EXCEEDED" in done["error"]["message"]
    cluster = placed.cluster()
    assert cluster["status"] == "ERROR"
    assert "CPUS" in cluster["statusMessage"]
    placed.settled(placed.clusters.delete(name=placed.name()).execute())
    assert sandbox.resources("cluster") == []


def test_each_field_is_updated_alone_and_shows_when_done(clustered, refused):
    def update(**desired):
        return clustered.clusters.update(name=clustered.name(), body={"update": desired}).execute()

    with refused() as it:
        update(desiredBinaryAuthorization={"evaluationMode": "DISABLED"}, desiredReleaseChannel={"channel": "RAPID"})
    assert "exactly one field" in it.message
    started = update(desiredReleaseChannel={"channel": "RAPID"})
    assert clustered.cluster()["status"] == "RECONCILING"
    assert clustered.cluster()["releaseChannel"] == {"channel": "REGULAR"}
    clustered.settled(started)
    assert clustered.cluster()["releaseChannel"] == {"channel": "RAPID"}
    clustered.settled(update(desiredIntraNodeVisibilityConfig={"enabled": True}))
    assert clustered.cluster()["networkConfig"]["enableIntraNodeVisibility"] is True
    clustered.settled(update(desiredAddonsConfig={"networkPolicyConfig": {"disabled": False}}))
    policy = {"networkPolicy": {"enabled": True, "provider": "CALICO"}}
    clustered.settled(clustered.clusters.setNetworkPolicy(name=clustered.name(), body=policy).execute())
    cluster = clustered.cluster()
    assert cluster["networkPolicy"]["enabled"] is True
    assert cluster["addonsConfig"]["httpLoadBalancing"] == {}


def test_a_setting_with_two_places_shows_in_both(placed):
    networks = {"enabled": True, "cidrBlocks": [{"cidrBlock": "10.0.0.0/8"}]}
    newer = {
        "networkConfig": {"defaultEnablePrivateNodes": True},
        "controlPlaneEndpointsConfig": {"ipEndpointsConfig": {"authorizedNetworksConfig": networks}},
    }
    placed.settled(placed.create(placed.spec(**newer)))
    cluster = placed.cluster()
    assert cluster["masterAuthorizedNetworksConfig"] == networks
    assert cluster["privateClusterConfig"]["enablePrivateNodes"] is True
    assert cluster["nodePools"][0]["networkConfig"]["enablePrivateNodes"] is True
    body = {"update": {"desiredMasterAuthorizedNetworksConfig": {"enabled": False}}}
    placed.settled(placed.clusters.update(name=placed.name(), body=body).execute())
    newer_place = placed.cluster()["controlPlaneEndpointsConfig"]["ipEndpointsConfig"]
    assert newer_place["authorizedNetworksConfig"] == {"enabled": False}
    assert newer_place["publicEndpoint"] == cluster["endpoint"]


def test_labels_change_with_the_right_fingerprint(clustered, refused):
    def set_labels(fingerprint):
        body = {"resourceLabels": {"a": "b"}, "labelFingerprint": fingerprint}
        return clustered.clusters.setResourceLabels(name=clustered.name(), body=body).execute()

    with refused() as it:
        set_labels("00000000")
    assert it.status == 412
    clustered.settled(set_labels(clustered.cluster()["labelFingerprint"]))
    assert clustered.cluster()["resourceLabels"] == {"a": "b"}


def test_the_control_plane_goes_forward_one_minor_version_at_a_time(placed, refused):
    placed.settled(placed.create(placed.spec(initialClusterVersion="1.33", releaseChannel={"channel": "UNSPECIFIED"})))

    def upgrade(version):
        return placed.clusters.update(name=placed.name(), body={"update": {"desiredMasterVersion": version}}).execute()

    for version, words in (("1.35", "more than a minor version"), ("1.32", "downgraded"), ("1.99", "unsupported")):
        with refused() as it:
            upgrade(version)
        assert words in it.message
    placed.settled(upgrade("1.34"))
    cluster = placed.cluster()
    assert cluster["currentMasterVersion"].startswith("1.34")
    assert cluster["nodePools"][0]["version"].startswith("1.33")


def test_a_location_offers_versions_by_channel(cloud, refused):
    locations = cloud.container.projects().locations()
    config = locations.getServerConfig(name=cloud.parent(cloud.zone)).execute()
    channels = {row["channel"]: row for row in config["channels"]}
    assert set(channels) == {"RAPID", "REGULAR", "STABLE", "EXTENDED"}
    assert channels["REGULAR"]["defaultVersion"] in config["validMasterVersions"]


def test_upgrades_to_come_are_told(clustered):
    coming = clustered.clusters.fetchClusterUpgradeInfo(name=clustered.name()).execute()
    assert coming["patchTargetVersion"].startswith("1.34.3")
    pool = f"{clustered.name()}/nodePools/main"
    assert "patchTargetVersion" not in clustered.pools.fetchNodePoolUpgradeInfo(name=pool).execute()
    update = {"update": {"desiredMasterVersion": coming["patchTargetVersion"]}}
    clustered.settled(clustered.clusters.update(name=clustered.name(), body=update).execute())
    coming_to_nodes = clustered.pools.fetchNodePoolUpgradeInfo(name=pool).execute()
    assert coming_to_nodes["patchTargetVersion"] == coming["patchTargetVersion"]


def test_usable_subnetworks_say_which_ranges_are_taken(clustered):
    listing = clustered.container.projects().aggregated().usableSubnetworks()
    found = listing.list(parent=f"projects/{clustered.project}").execute()["subnetworks"]
    states = {row["rangeName"]: row["status"] for row in found[0]["secondaryIpRanges"]}
    assert states == {"pods": "IN_USE_SHAREABLE_POD", "services": "IN_USE_SERVICE"}
