"""Whole stacks, run by the real engine against a real sandbox process."""

import asyncio
from dataclasses import replace

import pytest

from skyclust.contract.resources import Origin
from skyclust.contract.specs import (
    AutoScaling,
    FirewallRuleSpec,
    Gpu,
    NetworkSpec,
    NodePoolSpec,
    SecurityGroupSpec,
    Taint,
)
from skyclust.provisioning.planning import Verb
from skyclust.provisioning.rows import OperationState, State

REGION = "asia-northeast3"
NETWORK = NetworkSpec("net", REGION, "10.1.0.0/16")


def succeeded(operation) -> None:
    assert operation.state is OperationState.SUCCEEDED, (operation.message, operation.timeline[-5:])


def test_a_standard_cluster_comes_to_be_and_goes_and_leaves_only_decoys(fast, stack, make_cluster):
    decoys = set(fast.act("plant_decoy")["ids"])

    async def story():
        graph = stack.provider.cluster_blueprint(await stack.provider.complete_cluster(stack.gcp, make_cluster()))
        succeeded(await stack.apply(graph))
        kinds, second = fast.kinds(), stack.plan(graph)
        outputs = stack.row("cluster").outputs
        fast.act("leave_leftovers", cluster=outputs["id"])
        succeeded(await stack.apply(None))
        return kinds, second, outputs

    kinds, second, outputs = asyncio.run(story())
    assert second.empty, second.changes
    assert (kinds["cluster"], kinds["router"], kinds["subnetwork"], kinds["service_account"]) == (1, 1, 1, 1)
    assert kinds["network"] == 2  # ours and the decoy
    assert kinds["instance"] == 3
    assert outputs["version"].startswith("1.33")
    assert {row["id"] for row in fast.resources()} == decoys


def test_a_new_cluster_ends_with_exactly_the_pools_that_were_asked_for(fast, stack, make_cluster):
    pools = (NodePoolSpec("default", "e2-standard-2", 3), NodePoolSpec("batch", "e2-standard-4", 1, spot=True))

    async def story():
        succeeded(await stack.apply(stack.provider.cluster_blueprint(make_cluster(node_pools=pools))))

    asyncio.run(story())
    fast.pass_time(600)
    names = sorted(row["name"] for row in fast.resources() if row["kind"] == "node_pool")
    assert names == ["batch", "default"]


def test_an_autopilot_cluster_comes_to_be_and_goes(fast, stack, make_cluster):
    async def story():
        graph = stack.provider.cluster_blueprint(make_cluster(mode="autopilot", node_pools=()))
        succeeded(await stack.apply(graph))
        empty = stack.plan(graph).empty
        succeeded(await stack.apply(None))
        return empty

    assert asyncio.run(story())
    assert fast.resources() == []


def test_a_zonal_public_cluster_has_neither_nat_nor_other_zones(fast, stack, make_cluster):
    network = NetworkSpec("shop", REGION, "10.0.0.0/16", private_nodes=False)
    spec = make_cluster(network=network, zones=(f"{REGION}-b",))

    async def story():
        succeeded(await stack.apply(stack.provider.cluster_blueprint(spec)))
        return stack.row("cluster").outputs["location"], fast.kinds()

    location, kinds = asyncio.run(story())
    assert location == f"{REGION}-b"
    assert kinds["router"] == 0
    assert kinds["instance"] == 3


def test_every_change_of_a_cluster_and_its_pool_is_made_in_place(stack, make_cluster):
    before = make_cluster(options={"binary_authorization": False, "network_policy": False, "workload_identity": False})
    pool = NodePoolSpec(
        "default", "e2-standard-4", 4, disk_gb=80, labels={"tier": "web"}, taints=(Taint("only", "web", "NoSchedule"),)
    )
    options = {
        "binary_authorization": True,
        "network_policy": True,
        "workload_identity": True,
        "authorized_networks": ["192.0.2.0/24"],
        "private_cluster": False,
        "release_channel": "stable",
    }
    after = replace(before, options=options, node_pools=(pool,))

    async def story():
        succeeded(await stack.apply(stack.provider.cluster_blueprint(before)))
        ids = stack.row("cluster").external_id, stack.row("node-pool/default").external_id
        changed = stack.provider.cluster_blueprint(after)
        plan = stack.plan(changed)
        succeeded(await stack.apply(changed))
        same = (stack.row("cluster").external_id, stack.row("node-pool/default").external_id) == ids
        again, fields = stack.plan(changed), stack.row("node-pool/default").fields
        succeeded(await stack.apply(stack.provider.cluster_blueprint(before)))
        return plan, same, again, fields, stack.row("node-pool/default").fields

    plan, same, again, fields, back = asyncio.run(story())
    assert (back["workload_identity"], back["node_count"], back["taints"]) == (False, 3, [])
    assert (fields["private_nodes"], back["private_nodes"]) == (False, True)
    assert {line.key for line in plan.changes if line.verb is Verb.UPDATE} == {"cluster", "node-pool/default"}
    assert same
    assert again.empty, again.changes
    assert (fields["node_count"], fields["machine_type"], fields["labels"]) == (4, "e2-standard-4", {"tier": "web"})
    assert fields["workload_identity"]


def test_an_upgrade_over_two_versions_goes_one_by_one_and_takes_the_nodes_along(fast, stack, make_cluster):
    async def story():
        succeeded(await stack.apply(stack.provider.cluster_blueprint(make_cluster(version="1.32"))))
        succeeded(await stack.apply(stack.provider.cluster_blueprint(make_cluster(version="1.34"))))
        return stack.row("cluster").fields["version"], stack.row("node-pool/default").fields["version"]

    cluster, pool = asyncio.run(story())
    assert cluster.startswith("1.34.")
    assert pool.startswith("1.34.")
    assert len(fast.calls("updateMaster")) == 2


def test_the_size_of_an_autoscaled_pool_is_not_drift(fast, stack, make_cluster):
    pool = NodePoolSpec("default", "e2-standard-2", 3, auto_scaling=AutoScaling(1, 9))

    async def story():
        graph = stack.provider.cluster_blueprint(make_cluster(node_pools=(pool,)))
        succeeded(await stack.apply(graph))
        row = stack.row("node-pool/default")
        fast.act("change", id=row.external_id, field="initialNodeCount", value=2)
        seen = await stack.provider.driver(row.kind).observe(stack.gcp, row.external_id, row.spec)
        resolved = {**row.spec, "cluster": stack.row("cluster").outputs["id"]}
        return stack.provider.driver(row.kind).diff(resolved, seen)

    assert asyncio.run(story()) == ()


@pytest.mark.parametrize("mode", ["lost_reply", "error_after"])
def test_replies_that_are_lost_make_nothing_twice(fast, stack, mode):
    for operation in ("networks", "subnetworks", "routers", "firewalls"):
        fast.fault(mode, f"compute.{operation}.insert")

    async def story():
        succeeded(await stack.apply(stack.provider.network_blueprint(NETWORK)))
        kinds = fast.kinds()
        succeeded(await stack.apply(None))
        return kinds

    kinds = asyncio.run(story())
    assert (kinds["network"], kinds["subnetwork"], kinds["router"], kinds["firewall"]) == (1, 1, 1, 2)
    assert fast.resources() == []


def test_an_existing_network_is_used_and_never_touched(fast, stack, make_stack, make_cluster):
    async def story():
        succeeded(await stack.apply(stack.provider.network_blueprint(NETWORK)))
        before = network_things(fast)
        other = make_stack()
        spec = make_cluster(network=None, vpc_id="net")
        completed = await other.provider.complete_cluster(other.gcp, spec)
        graph = other.provider.cluster_blueprint(completed)
        findings = await other.provider.preflight_cluster(other.gcp, completed)
        succeeded(await other.apply(graph))
        verbs = {line.key: line.verb for line in other.plan(graph).changes}
        during = network_things(fast)
        succeeded(await other.apply(None))
        return before, during, network_things(fast), completed, findings, verbs

    before, during, after, completed, findings, verbs = asyncio.run(story())
    assert before == after
    assert before <= during
    assert completed.subnet_ids == (f"projects/{fast.project}/regions/{REGION}/subnetworks/net-nodes",)
    assert completed.options == {"_pods_range": "pods", "_services_range": "services"}
    assert not [finding for finding in findings if finding.severity == "error"]
    assert set(verbs.values()) == {Verb.KEEP}


def network_things(cloud) -> set[tuple[str, str, str]]:
    kinds = ("network", "subnetwork", "router", "firewall")
    return {(row["kind"], row["id"], str(row["tags"])) for row in cloud.resources() if row["kind"] in kinds}


def test_something_foreign_is_named_and_keeps_the_network_alive(fast, stack):
    async def story():
        succeeded(await stack.apply(stack.provider.network_blueprint(NETWORK)))
        foreign = fast.act("plant_instance", network="net")["id"]
        network = stack.row("network").external_id
        items = await stack.provider.inventory(stack.gcp, network, frozenset())
        operation = await stack.apply(None)
        blocked = stack.row("subnet/nodes")
        fast.act("delete", id=foreign)
        await stack.resume(operation)
        return foreign, items, operation, blocked

    foreign, items, operation, blocked = asyncio.run(story())
    assert [item.origin for item in items if item.external_id == foreign] == [Origin.FOREIGN]
    assert blocked.state is State.BLOCKED
    assert foreign.rsplit("/", 1)[-1] in blocked.message
    succeeded(operation)
    assert fast.resources() == []


def test_a_quota_that_shows_only_in_the_operation_fails_with_its_reason_and_can_be_resumed(fast, stack):
    fast.fault("quota", "compute.networks.insert")

    async def story():
        graph = stack.provider.network_blueprint(NETWORK)
        operation = await stack.apply(graph)
        failed = stack.row("network")
        await stack.resume(operation)
        return failed, operation

    failed, operation = asyncio.run(story())
    assert failed.state is State.FAILED
    assert "QUOTA_EXCEEDED" in failed.message
    succeeded(operation)
    assert fast.kinds()["network"] == 1


def test_a_zone_without_machines_fails_the_pool_alone_and_says_why(fast, stack, make_cluster):
    fast.fault("no_capacity", "*.nodePools.create")

    async def story():
        operation = await stack.apply(stack.provider.cluster_blueprint(make_cluster()))
        failed = stack.row("node-pool/default")
        cluster = stack.row("cluster")
        await stack.resume(operation)
        return failed, cluster, operation

    failed, cluster, operation = asyncio.run(story())
    assert failed.state is State.FAILED
    assert "does not have enough resources" in failed.message
    assert cluster.state is State.READY
    succeeded(operation)


def test_a_failed_resize_is_told_once_and_tried_again_after_a_resume(fast, stack, make_cluster):
    grown = make_cluster(node_pools=(NodePoolSpec("default", "e2-standard-2", 6),))

    async def story():
        succeeded(await stack.apply(stack.provider.cluster_blueprint(make_cluster())))
        fast.fault("quota", "*.nodePools.setSize")
        operation = await stack.apply(stack.provider.cluster_blueprint(grown))
        blocked = stack.row("node-pool/default")
        await stack.resume(operation)
        return blocked, operation

    blocked, operation = asyncio.run(story())
    assert (blocked.state, blocked.reason) == (State.BLOCKED, "QuotaExceeded")
    assert "quota" in blocked.message
    succeeded(operation)
    assert fast.kinds()["instance"] == 6


def test_firewall_rules_of_a_group_follow_its_spec(fast, stack):
    web = FirewallRuleSpec("ingress", "tcp", 80, 80, ("0.0.0.0/0",))
    tls = FirewallRuleSpec("ingress", "tcp", 443, 443, ("0.0.0.0/0",))
    out = FirewallRuleSpec("egress", "all", None, None, ("192.0.2.0/24",), action="deny")

    def network(*rules):
        return stack.provider.network_blueprint(
            replace(NETWORK, security_groups=(SecurityGroupSpec("web", "", rules),))
        )

    async def story():
        succeeded(await stack.apply(network(web, out)))
        first = rules_named(fast, "net-web")
        succeeded(await stack.apply(network(tls, out)))
        second = rules_named(fast, "net-web")
        succeeded(await stack.apply(network()))
        empty = rules_named(fast, "net-web")
        assert stack.plan(network()).empty
        succeeded(await stack.apply(stack.provider.network_blueprint(NETWORK)))
        return first, second, empty, rules_named(fast, "net-web")

    first, second, empty, gone = asyncio.run(story())
    assert len(first) == 3  # with the rule that holds the group
    assert len(second) == 3
    assert len(first & second) == 2
    assert empty == {"net-web"}
    assert gone == set()


def rules_named(cloud, prefix: str) -> set[str]:
    return {row["name"] for row in cloud.resources() if row["kind"] == "firewall" and row["name"].startswith(prefix)}


def test_drift_made_by_hand_is_seen_and_repaired(fast, stack):
    async def story():
        graph = stack.provider.network_blueprint(NETWORK)
        succeeded(await stack.apply(graph))
        row = stack.row("subnet/nodes")
        fast.act("change", id=row.external_id, field="privateIpGoogleAccess", value=False)
        fast.act("change", id=stack.row("router").external_id, field="nats", value=None)
        seen = {}
        for key in ("subnet/nodes", "router"):
            row = stack.row(key)
            driver = stack.provider.driver(row.kind)
            observed = await driver.observe(stack.gcp, row.external_id, row.spec)
            seen[key] = [change.field for change in driver.diff(row.spec, observed)]
            stack.store.put([replace(row, fields=observed.fields)])
        succeeded(await stack.apply(graph))
        return seen, stack.plan(graph)

    seen, plan = asyncio.run(story())
    assert seen == {"subnet/nodes": ["private_google_access"], "router": ["nat"]}
    assert plan.empty


def test_a_name_that_somebody_else_holds_fails_before_anything_is_changed(fast, stack):
    decoy = fast.named("decoy-0") if fast.act("plant_decoy") else None

    async def story():
        return await stack.apply(stack.provider.network_blueprint(replace(NETWORK, name="decoy-0")))

    operation = asyncio.run(story())
    assert operation.state is OperationState.FAILED
    assert stack.row("network").reason == "NameTaken"
    assert fast.named("decoy-0") == decoy


def test_a_throttled_cloud_only_slows_things_down(fast, stack):
    fast.fault("throttle", "compute.*", times=4, retry_after=1)

    async def story():
        return await stack.apply(stack.provider.network_blueprint(NETWORK))

    succeeded(asyncio.run(story()))


def test_lagging_reads_cost_time_but_no_second_resource(fast, stack):
    fast.fault("lag", "compute.*", times=None, seconds=30)

    async def story():
        return await stack.apply(stack.provider.network_blueprint(NETWORK))

    succeeded(asyncio.run(story()))
    assert fast.kinds()["network"] == 1


def test_a_pool_with_gpus_and_a_disk_of_its_own_is_as_wanted(fast, stack, make_cluster):
    gpu = NodePoolSpec("gpu", "n1-standard-4", 1, gpu=Gpu("nvidia-tesla-t4", 2), disk_type="pd-ssd")
    spec = make_cluster(node_pools=(NodePoolSpec("default", "e2-standard-2", 3), gpu))

    async def story():
        graph = stack.provider.cluster_blueprint(spec)
        succeeded(await stack.apply(graph))
        path = stack.row("node-pool/gpu").external_id
        pools = stack.gcp.read(lambda apis: apis.container.projects().locations().clusters().nodePools().get(name=path))
        more = replace(gpu, gpu=Gpu("nvidia-tesla-t4", 4))
        grown = stack.plan(stack.provider.cluster_blueprint(replace(spec, node_pools=(spec.node_pools[0], more))))
        return stack.plan(graph), await pools, grown

    second, pool, grown = asyncio.run(story())
    assert second.empty, second.changes
    (accelerator,) = pool["config"]["accelerators"]
    assert (accelerator["acceleratorType"], accelerator["acceleratorCount"]) == ("nvidia-tesla-t4", "2")
    assert accelerator["gpuDriverInstallationConfig"] == {"gpuDriverVersion": "DEFAULT"}
    assert pool["config"]["diskType"] == "pd-ssd"
    assert [line.verb for line in grown.changes if line.key == "node-pool/gpu"] == [Verb.REPLACE]
