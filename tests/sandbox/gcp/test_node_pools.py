"""Node pools and the machines behind them."""


def create(cloud, **changes):
    pool = {"name": "extra", "initialNodeCount": 1, "config": {"machineType": "n2-standard-2"}, **changes}
    return cloud.pools.create(parent=cloud.name(), body={"nodePool": pool}).execute()


def pool(cloud, name="extra"):
    return cloud.pools.get(name=f"{cloud.name()}/nodePools/{name}").execute()


def test_a_pool_comes_with_a_managed_group_instances_and_disks(clustered, sandbox):
    started = create(clustered)
    assert pool(clustered)["status"] == "PROVISIONING"
    assert clustered.cluster()["status"] == "RECONCILING"
    clustered.settled(started)
    made = pool(clustered)
    assert made["status"] == "RUNNING"
    group = made["instanceGroupUrls"][0].rsplit("/")[-1]
    managers = clustered.compute.instanceGroupManagers()
    where = {"project": clustered.project, "zone": clustered.zone, "instanceGroupManager": group}
    assert managers.get(**where).execute()["targetSize"] == 1
    managed = managers.listManagedInstances(**where).execute()["managedInstances"]
    instance = clustered.compute.instances().get(
        project=clustered.project, zone=clustered.zone, instance=managed[0]["name"]
    ).execute()  # fmt: skip
    assert instance["networkInterfaces"][0]["network"].endswith("/networks/net")
    assert instance["labels"]["goog-k8s-cluster-name"] == "one"
    assert len(sandbox.resources("disk")) == len(sandbox.resources("instance")) == 3


def test_a_pool_grows_and_shrinks(clustered, sandbox):
    name = f"{clustered.name()}/nodePools/main"
    before = {row["name"] for row in sandbox.resources("instance")}
    clustered.settled(clustered.pools.setSize(name=name, body={"nodeCount": 4}).execute())
    after = {row["name"] for row in sandbox.resources("instance")}
    assert before < after
    assert len(after) == 4
    assert pool(clustered, "main")["initialNodeCount"] == 4
    clustered.settled(clustered.pools.setSize(name=name, body={"nodeCount": 1}).execute())
    assert len(sandbox.resources("instance")) == 1


def test_autoscaling_pulls_the_size_into_its_bounds(clustered, refused):
    name = f"{clustered.name()}/nodePools/main"
    with refused() as it:
        bad = {"enabled": True, "minNodeCount": 5, "maxNodeCount": 2}
        clustered.pools.setAutoscaling(name=name, body={"autoscaling": bad}).execute()
    assert "minNodeCount <= maxNodeCount" in it.message
    wanted = {"enabled": True, "minNodeCount": 3, "maxNodeCount": 5}
    clustered.settled(clustered.pools.setAutoscaling(name=name, body={"autoscaling": wanted}).execute())
    assert pool(clustered, "main")["autoscaling"] == wanted
    assert clustered.cluster()["currentNodeCount"] == 3


def test_management_follows_the_channel(clustered, refused):
    name = f"{clustered.name()}/nodePools/main"
    with refused() as it:
        clustered.pools.setManagement(name=name, body={"management": {"autoUpgrade": False}}).execute()
    assert "release channel" in it.message
    body = {"management": {"autoUpgrade": True, "autoRepair": False}}
    clustered.settled(clustered.pools.setManagement(name=name, body=body).execute())
    assert pool(clustered, "main")["management"] == body["management"]


def test_an_update_of_the_machine_type_replaces_every_node(clustered, sandbox):
    before = {row["name"] for row in sandbox.resources("instance")}
    name = f"{clustered.name()}/nodePools/main"
    clustered.settled(clustered.pools.update(name=name, body={"machineType": "e2-standard-4"}).execute())
    after = {row["name"] for row in sandbox.resources("instance")}
    assert len(after) == 2
    assert not before & after
    body = {
        "labels": {"labels": {"tier": "web"}},
        "taints": {"taints": [{"key": "k", "value": "v", "effect": "NO_SCHEDULE"}]},
    }
    clustered.settled(clustered.pools.update(name=name, body=body).execute())
    config = pool(clustered, "main")["config"]
    assert config["labels"] == {"tier": "web"}
    assert config["taints"][0]["key"] == "k"
    assert {row["name"] for row in sandbox.resources("instance")} == after


def test_a_managed_group_makes_up_for_a_deleted_machine(clustered, sandbox):
    before = {row["name"] for row in sandbox.resources("instance")}
    lost, deleted = sorted(before)
    where = {"project": clustered.project, "zone": clustered.zone}
    clustered.compute.instances().delete(**where, instance=deleted).execute()
    sandbox.pass_time(60)
    sandbox.act("delete", id=f"projects/{clustered.project}/zones/{clustered.zone}/instances/{lost}")
    after = {row["name"] for row in sandbox.resources("instance")}
    assert len(after) == len(sandbox.resources("disk")) == 2
    assert not before & after


def test_pools_change_side_by_side_but_not_with_their_cluster(clustered, refused):
    first = create(clustered)
    clustered.pools.setSize(name=f"{clustered.name()}/nodePools/main", body={"nodeCount": 3}).execute()
    with refused() as it:
        clustered.clusters.delete(name=clustered.name()).execute()
    assert it.body["details"][0]["reason"] == "CLUSTER_ALREADY_HAS_OPERATION"
    with refused() as it:
        clustered.pools.delete(name=f"{clustered.name()}/nodePools/main").execute()
    assert it.body["status"] == "FAILED_PRECONDITION"
    clustered.settled(first)
    assert clustered.cluster()["currentNodeCount"] == 4


def test_a_pool_that_finds_no_capacity_ends_in_error_and_can_go(clustered, sandbox):
    sandbox.fault(operation="*nodePools.create", mode="no_capacity", times=1)
    done = clustered.settled(create(clustered))
    assert "ZONE_RESOURCE_POOL_EXHAUSTED" in done["error"]["message"]
    assert pool(clustered)["status"] == "ERROR"
    assert clustered.cluster()["status"] == "RUNNING"
    clustered.settled(clustered.pools.delete(name=f"{clustered.name()}/nodePools/extra").execute())
    assert [row["name"] for row in sandbox.resources("node_pool")] == ["main"]


def test_a_resize_beyond_the_quota_leaves_the_pool_as_it_was(clustered, sandbox):
    sandbox.act("set_quota", metric="CPUS", region=clustered.region, limit=8)
    name = f"{clustered.name()}/nodePools/main"
    done = clustered.settled(clustered.pools.setSize(name=name, body={"nodeCount": 9}).execute())
    assert "QUOTA_EXCEEDED" in done["error"]["message"]
    assert pool(clustered, "main")["initialNodeCount"] == 2
    assert pool(clustered, "main")["status"] == "RUNNING_WITH_ERROR"
    clustered.settled(clustered.pools.setSize(name=name, body={"nodeCount": 3}).execute())
    assert pool(clustered, "main")["status"] == "RUNNING"


def test_a_taken_name_and_an_absent_pool_are_told(clustered, refused):
    with refused() as it:
        create(clustered, name="main")
    assert it.status == 409
    with refused() as it:
        pool(clustered, "none")
    assert it.status == 404
    with refused() as it:
        create(clustered, version="1.35")
    assert "must not be greater than the master version" in it.message


def test_nodes_use_an_account_that_exists(clustered, sandbox):
    accounts = sandbox.api("iam").projects().serviceAccounts()
    email = accounts.create(name=f"projects/{clustered.project}", body={"accountId": "nodes-acc"}).execute()["email"]
    clustered.settled(create(clustered, config={"serviceAccount": email}))
    assert pool(clustered)["config"]["serviceAccount"] == email
