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
    done = placed.settled(placed.clusters.delete(name=placed.name()).execute())
    assert done["status"] == "DONE"
    assert placed.clusters.list(parent=placed.parent("-")).execute().get("clusters", []) == []
    assert {row["kind"] for row in placed.sandbox.resources()} == {"network", "subnetwork"}
