"""What the outside world does to the simulated cloud, and what it leaves."""


def test_decoys_and_foreign_machines_are_there_and_in_the_way(networked, refused):
    ids = set(networked.act("plant_decoys", region="northeurope")["ids"])
    decoys = [row for row in networked.resources() if row["decoy"] or row["id"] in ids]
    assert {row["kind"] for row in decoys} == {"resource_group", "network", "subnet", "security_group"}
    network = networked.run(networked.network.virtual_networks.get("rg", "net"))
    planted = networked.act("plant_instance", network_id=network.id)
    with refused() as it:
        networked.done(networked.network.subnets.begin_delete, "rg", "net", "sub")
    assert it.code == "InUseSubnetCannotBeDeleted"
    assert planted["network_interface_id"] in it.message
    networked.act("delete_resource", id=planted["id"])
    assert networked.resources("instance") == networked.resources("network_interface") == []
    networked.done(networked.network.subnets.begin_delete, "rg", "net", "sub")


def test_a_group_used_from_outside_stays_and_says_so(networked, refused):
    network = networked.run(networked.network.virtual_networks.get("rg", "net"))
    networked.act("plant_instance", network_id=network.id, group="elsewhere")
    with refused() as it:
        networked.done(networked.arm.resource_groups.begin_delete, "rg", seconds=600)
    assert it.code == "ResourceGroupDeletionBlocked"
    assert networked.run(networked.network.virtual_networks.get("rg", "net")).id == network.id


def test_kubernetes_leftovers_go_with_the_node_group_but_for_those_outside(clustered):
    left = clustered.act("kubernetes_leftovers", cluster="one", outside=True)["ids"]
    assert {row["id"] for row in clustered.resources()} >= set(left)
    clustered.done(clustered.aks.managed_clusters.begin_delete, "rg", "one", seconds=1200)
    assert sorted(row["kind"] for row in clustered.resources()) == ["disk", "public_ip", "resource_group"]
    clustered.done(clustered.arm.resource_groups.begin_delete, "rg", seconds=600)
    assert clustered.resources() == []


def test_somebody_deletes_and_changes_things_by_hand(clustered, refused):
    clustered.act("change_resource", id="one", field="tags.owner", value="somebody")
    assert clustered.run(clustered.aks.managed_clusters.get("rg", "one")).tags["owner"] == "somebody"
    machine = clustered.resources("scale_set_machine")[0]
    clustered.act("delete_resource", id=machine["id"])
    assert len(clustered.nodes()) == 1
    clustered.act("delete_resource", id="one")
    with refused() as it:
        clustered.run(clustered.aks.managed_clusters.get("rg", "one"))
    assert (it.status, it.code) == (404, "ResourceNotFound")
    assert [row["kind"] for row in clustered.resources()] == ["resource_group"]


def test_a_restricted_size_shows_in_the_list_and_is_refused(azure, refused):
    azure.act("restrict_size", size="Standard_D2s_v5", region="westeurope")
    sizes = {row.name: row for row in azure.all(azure.compute.resource_skus.list(filter="location eq 'westeurope'"))}
    assert sizes["Standard_D2s_v5"].restrictions[0].reason_code == "NotAvailableForSubscription"
    assert sizes["Standard_D4s_v5"].restrictions == []
    facts = {row.name: row.value for row in sizes["Standard_D4s_v5"].capabilities}
    assert (facts["vCPUs"], facts["MemoryGB"], facts["CpuArchitectureType"]) == ("4", "16", "x64")
    with refused() as it:
        azure.make_cluster()
    assert it.code == "BadRequest"


def test_a_wrong_act_is_refused(azure):
    for action, body, status in (("explode", {}, 404), ("delete", {}, 422), ("delete", {"id": "nowhere"}, 404),
                                 ("set_quota", {"metric": "cores", "limit": "many"}, 422)):  # fmt: skip
        assert azure.process.ask("POST", f"actions/azure/{action}", body)[0] == status


def test_what_nobody_can_do_is_refused_with_azures_words(azure):
    azure.make_network(prefix="10.0.0.0/29")
    azure.make_subnet(prefix="10.0.0.0/29")
    network = azure.run(azure.network.virtual_networks.get("rg", "net"))
    status = 200
    for _ in range(4):
        status, told = azure.process.ask("POST", "actions/azure/plant_instance", {"network_id": network.id})
    assert status == 422
    assert "does not have enough capacity" in told["message"]
    assert len(azure.resources("network_interface")) == 3
    for jwks in ({"keys": [{"kty": "dream"}]}, "keys"):
        wrong = {"issuer": "i", "subject": "s", "jwks": jwks}
        assert azure.process.ask("POST", "actions/azure/trust_issuer", wrong)[0] == 422
