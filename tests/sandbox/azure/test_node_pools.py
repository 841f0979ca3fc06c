"""Node pools: scaling, spot, power, taking machines away, and the last one that stays."""


def test_a_pool_comes_scales_and_goes_with_its_nodes(clustered, refused):
    pool = clustered.make_pool(
        nodeLabels={"tier": "web"}, nodeTaints=["only=web:NoSchedule"], availabilityZones=["1", "2", "3"]
    )
    assert pool.properties.provisioning_state == "Succeeded"
    mine = [node for node in clustered.nodes() if node["metadata"]["labels"]["agentpool"] == "more"]
    assert mine[0]["metadata"]["labels"]["tier"] == "web"
    assert mine[0]["metadata"]["labels"]["topology.kubernetes.io/zone"] == "westeurope-1"
    assert mine[0]["spec"]["taints"] == [{"key": "only", "value": "web", "effect": "NoSchedule"}]
    clustered.make_pool(count=3)
    assert len(clustered.nodes()) == 5
    with refused() as it:
        clustered.done(clustered.aks.agent_pools.begin_delete, "rg", "one", "main")
    assert it.code == "OperationNotAllowed"
    clustered.done(clustered.aks.agent_pools.begin_delete, "rg", "one", "more", seconds=600)
    assert len(clustered.nodes()) == 2
    assert [row["name"] for row in clustered.resources("agent_pool")] == ["main"]


def test_spot_pools_carry_azures_taint_and_count_against_their_own_quota(clustered, refused):
    pool = clustered.make_pool("spot", scaleSetPriority="Spot", spotMaxPrice=0.05)
    assert pool.properties.scale_set_eviction_policy == "Delete"
    assert pool.properties.node_taints == ["kubernetes.azure.com/scalesetpriority=spot:NoSchedule"]
    usages = {row.name.value: row for row in clustered.all(clustered.compute.usage.list("westeurope"))}
    assert usages["lowPriorityCores"].current_value == 4
    assert usages["standardDSv5Family"].current_value == usages["cores"].current_value == 4
    clustered.act("set_quota", metric="lowPriorityCores", region="westeurope", limit=6)
    with refused() as it:
        clustered.make_pool("spot", scaleSetPriority="Spot", spotMaxPrice=0.05, count=2)
    assert it.code == "ErrCode_InsufficientVCPUQuota"


def test_machines_can_be_taken_away_one_by_one(clustered):
    names = [node["metadata"]["name"] for node in clustered.nodes()]
    body = {"machineNames": names[:1]}
    clustered.done(clustered.aks.agent_pools.begin_delete_machines, "rg", "one", "main", body, seconds=600)
    assert [node["metadata"]["name"] for node in clustered.nodes()] == names[1:]
    assert clustered.run(clustered.aks.agent_pools.get("rg", "one", "main")).properties.count == 1


def test_an_aborted_operation_leaves_the_pool_as_it_was(clustered):
    body = {"properties": {**clustered.system_pool(count=5)}}
    body["properties"].pop("name")
    clustered.begin(clustered.aks.agent_pools.begin_create_or_update, "rg", "one", "main", body)
    clustered.run(clustered.aks.agent_pools.begin_abort_latest_operation("rg", "one", "main"))
    clustered.pass_time(900)
    assert clustered.run(clustered.aks.agent_pools.get("rg", "one", "main")).properties.provisioning_state == "Canceled"
    assert len(clustered.nodes()) == 2


def test_no_capacity_fails_the_operation_and_keeps_what_there_was(clustered, refused):
    clustered.fault(operation="agentPools.create", mode="no_capacity", times=1)
    with refused() as it:
        clustered.make_pool()
    assert "AllocationFailed" in it.message
    pool = clustered.run(clustered.aks.agent_pools.get("rg", "one", "more"))
    assert pool.properties.provisioning_state == "Failed"
    assert len(clustered.nodes()) == 2
    assert clustered.make_pool().properties.provisioning_state == "Succeeded"
    assert len(clustered.nodes()) == 3


def test_an_old_node_image_is_replaced_with_new_machines(clustered):
    pools, old = clustered.aks.agent_pools, "AKSUbuntu-2204gen2containerd-202601.05.0"
    pool = clustered.run(pools.get("rg", "one", "main"))
    clustered.act("change_resource", id=pool.id, field="properties.nodeImageVersion", value=old)
    before = clustered.nodes()
    latest = clustered.run(pools.get_upgrade_profile("rg", "one", "main")).properties.latest_node_image_version
    assert latest > old
    clustered.done(pools.begin_upgrade_node_image_version, "rg", "one", "main", seconds=900)
    assert clustered.run(pools.get("rg", "one", "main")).properties.node_image_version == latest
    after = clustered.nodes()
    assert {row["metadata"]["name"] for row in after}.isdisjoint(row["metadata"]["name"] for row in before)
    assert {row["metadata"]["labels"]["kubernetes.azure.com/node-image-version"] for row in after} == {latest}
