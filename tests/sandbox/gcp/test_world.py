"""What the outside world does to the simulated cloud, and what it leaves."""


def test_a_cluster_leaves_behind_what_kubernetes_made(clustered, sandbox, refused):
    left = sandbox.act("leave_leftovers", cluster="one")["ids"]
    clustered.settled(clustered.clusters.delete(name=clustered.name()).execute())
    assert {row["id"] for row in sandbox.resources()} >= set(left)
    kinds = sorted(row["kind"] for row in sandbox.resources() if row["id"] in left)
    assert kinds == ["disk", "firewall", "firewall", "forwarding_rule", "network_endpoint_group", "target_pool"]
    compute, region = clustered.compute, {"project": clustered.project, "region": clustered.region}
    pool = next(row["name"] for row in sandbox.resources("target_pool"))
    with refused() as it:
        compute.targetPools().delete(**region, targetPool=pool).execute()
    assert it.reason == "resourceInUseByAnotherResource"
    compute.forwardingRules().delete(**region, forwardingRule=pool).execute()
    sandbox.pass_time(60)
    compute.targetPools().delete(**region, targetPool=pool).execute()
    for row in sandbox.resources("firewall"):
        compute.firewalls().delete(project=clustered.project, firewall=row["name"]).execute()
    where = {"project": clustered.project, "zone": clustered.zone}
    for row in sandbox.resources("network_endpoint_group"):
        compute.networkEndpointGroups().delete(**where, networkEndpointGroup=row["name"]).execute()
    for row in sandbox.resources("disk"):
        compute.disks().delete(**where, disk=row["name"]).execute()
    sandbox.pass_time(60)
    assert {row["kind"] for row in sandbox.resources()} == {"network", "subnetwork"}


def test_decoys_are_there_and_in_the_way(placed, sandbox, refused):
    ids = sandbox.act("plant_decoy", network="net")["ids"]
    decoys = [row for row in sandbox.resources() if row["decoy"]]
    assert {row["id"] for row in decoys} == set(ids)
    assert {row["kind"] for row in decoys} == {"network", "firewall", "instance"}
    with refused() as it:
        placed.compute.subnetworks().delete(project=placed.project, region=placed.region, subnetwork="sub").execute()
    assert "somebody-elses-machine" in it.message


def test_somebody_deletes_and_changes_things_by_hand(clustered, sandbox, refused):
    sandbox.act("change", id="net", field="description", value="changed")
    assert sandbox.resources("network")[0]["tags"]["description"] == "changed"
    sandbox.act("change", id="one", field="releaseChannel.channel", value="RAPID")
    assert clustered.cluster()["releaseChannel"]["channel"] == "RAPID"
    sandbox.act("delete", id=f"{clustered.name()}/nodePools/main")
    assert clustered.cluster()["nodePools"] == []
    assert sandbox.resources("instance") == []
    sandbox.act("delete", id="one")
    with refused() as it:
        clustered.cluster()
    assert it.status == 404
    assert {row["kind"] for row in sandbox.resources()} == {"network", "subnetwork"}


def test_a_wrong_act_is_refused(sandbox):
    assert sandbox.act("explode")["status"] == 404
    assert sandbox.act("delete")["status"] == 422
    assert sandbox.act("delete", id="nowhere")["status"] == 404
    assert sandbox.act("set_quota", metric="CPUS", limit="many")["status"] == 422
