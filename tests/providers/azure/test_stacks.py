"""Whole stacks, run by the real engine against a real sandbox process."""

import asyncio
from dataclasses import replace

import pytest

from skyclust.contract.resources import Origin, Phase
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

REGION = "koreacentral"
NETWORK = NetworkSpec("net", REGION, "10.1.0.0/16")
POOL = NodePoolSpec("default", "Standard_D2s_v5", 3)


def run(story, *stacks):
    """The story's result; sessions are closed in the event loop that they were used in."""

    async def told():
        try:
            return await story()
        finally:
            for stack in stacks:
                await stack.close()

    return asyncio.run(told())


def succeeded(operation) -> None:
    assert operation.state is OperationState.SUCCEEDED, (operation.message, operation.timeline[-5:])


def test_a_cluster_comes_to_be_and_goes_and_leaves_only_decoys(fast, stack, make_cluster):
    decoys = set(fast.act("plant_decoys", region=REGION)["ids"])

    async def story():
        graph = stack.provider.cluster_blueprint(await stack.provider.complete_cluster(stack.az, make_cluster()))
        succeeded(await stack.apply(graph))
        kinds, second = fast.kinds(), stack.plan(graph)
        outputs = stack.row("cluster").outputs
        fast.act("kubernetes_leftovers", cluster=outputs["id"], outside=True)
        succeeded(await stack.apply(None))
        return kinds, second, outputs

    kinds, second, outputs = run(story, stack)
    assert second.empty, second.changes
    assert (kinds["cluster"], kinds["nat_gateway"], kinds["subnet"]) == (1, 1, 2)  # a subnet of the decoys
    assert outputs["version"].startswith("1.33")
    assert {row["id"] for row in fast.resources()} == decoys


def test_a_new_cluster_ends_with_exactly_the_pools_that_were_asked_for(fast, stack, make_cluster):
    pools = (
        replace(POOL, name="cheap", spot=True, node_count=1),
        POOL,
        replace(POOL, name="web-workers", node_count=2),
    )

    async def story():
        succeeded(await stack.apply(stack.provider.cluster_blueprint(make_cluster(node_pools=pools))))

    run(story, stack)
    fast.pass_time(600)
    names = sorted(row["name"] for row in fast.resources("agent_pool"))
    assert names[:2] == ["cheap", "default"]
    assert len(names) == 3
    assert names[2].startswith("webwork")


def test_a_public_cluster_has_no_nat(fast, stack, make_cluster):
    network = NetworkSpec("shop", REGION, "10.0.0.0/16", private_nodes=False)

    async def story():
        spec = make_cluster(network=network, zones=("2",), options={"network_policy": "calico", "tier": "Free"})
        succeeded(await stack.apply(stack.provider.cluster_blueprint(spec)))
        return stack.row("node-pool/default").fields["zones"], fast.kinds()

    zones, kinds = run(story, stack)
    assert zones == ["2"]
    assert kinds["nat_gateway"] == 0


def test_every_change_of_a_cluster_and_its_pool_is_made_in_place(stack, make_cluster):
    before = make_cluster(options={"workload_identity": False, "upgrade_channel": "none"})
    pool = replace(POOL, node_count=4, labels={"tier": "web"}, taints=(Taint("only", "web", "PreferNoSchedule"),))
    options = {
        "tier": "Premium", "workload_identity": True, "upgrade_channel": "stable", "node_os_upgrade_channel": "SecurityPatch",
        "authorized_ranges": ["192.0.2.0/24", "203.0.113.7/32"], "local_accounts": True,
        "admin_group_ids": ["0b5a3f7e-1c2d-4e5f-8a9b-0c1d2e3f4a5b"],
    }  # fmt: skip
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

    plan, same, again, fields, back = run(story, stack)
    assert {line.key for line in plan.changes if line.verb is Verb.UPDATE} == {"cluster", "node-pool/default"}
    assert same
    assert again.empty, again.changes
    assert (fields["node_count"], fields["labels"]) == (4, {"tier": "web"})
    assert (back["node_count"], back["labels"], back["taints"]) == (3, {}, [])


def test_an_upgrade_over_two_versions_goes_one_by_one_and_takes_the_nodes_along(fast, stack, make_cluster):
    async def story():
        succeeded(await stack.apply(stack.provider.cluster_blueprint(make_cluster(version="1.33"))))
        succeeded(await stack.apply(stack.provider.cluster_blueprint(make_cluster(version="1.35"))))
        return stack.row("cluster").fields["version"], stack.row("node-pool/default").fields["version"]

    cluster, pool = run(story, stack)
    assert cluster.startswith("1.35.")
    assert pool.startswith("1.35.")


def test_the_size_of_an_autoscaled_pool_is_not_drift(fast, stack, make_cluster):
    pool = replace(POOL, auto_scaling=AutoScaling(1, 9))

    async def story():
        graph = stack.provider.cluster_blueprint(make_cluster(node_pools=(pool,)))
        succeeded(await stack.apply(graph))
        row = stack.row("node-pool/default")
        fast.act("change", id=row.external_id, field="properties.count", value=2)
        seen = await stack.provider.driver(row.kind).observe(stack.az, row.external_id, row.spec)
        resolved = {**row.spec, "cluster": stack.row("cluster").outputs["id"]}
        return seen.fields["node_count"], stack.provider.driver(row.kind).diff(resolved, seen)

    assert run(story, stack) == (2, ())


def test_the_pool_that_aks_keeps_can_change_places_with_another(fast, stack, make_cluster):
    """The only system pool goes while another comes: AKS never lets the last one go."""
    other = replace(POOL, name="other", machine_type="Standard_D4s_v5")

    async def story():
        succeeded(await stack.apply(stack.provider.cluster_blueprint(make_cluster())))
        succeeded(await stack.apply(stack.provider.cluster_blueprint(make_cluster(node_pools=(other,)))))

    run(story, stack)
    fast.pass_time(600)
    assert [row["name"] for row in fast.resources("agent_pool")] == ["other"]


@pytest.mark.parametrize("mode", ["lost_reply", "error_after"])
def test_replies_that_are_lost_make_nothing_twice(fast, stack, mode):
    for operation in ("resourceGroups", "virtualNetworks", "subnets", "natGateways", "publicIPAddresses"):
        fast.fault(mode, f"{operation}.create")

    async def story():
        succeeded(await stack.apply(stack.provider.network_blueprint(NETWORK)))
        kinds = fast.kinds()
        succeeded(await stack.apply(None))
        return kinds

    kinds = run(story, stack)
    assert set(kinds.values()) == {1}, kinds
    assert len(kinds) == 5
    assert fast.resources() == []


def test_an_existing_network_is_used_and_never_touched(fast, stack, make_stack, make_cluster):
    async def story():
        succeeded(await stack.apply(stack.provider.network_blueprint(NETWORK)))
        before, vpc_id = network_things(fast), stack.row("network").external_id
        other = make_stack()
        completed = await other.provider.complete_cluster(other.az, make_cluster(network=None, vpc_id=vpc_id))
        graph = other.provider.cluster_blueprint(completed)
        findings = await other.provider.preflight_cluster(other.az, completed)
        succeeded(await other.apply(graph))
        verbs = {line.key: line.verb for line in other.plan(graph).changes}
        during = network_things(fast)
        succeeded(await other.apply(None))
        await other.close()
        return before, during, network_things(fast), completed, findings, verbs

    before, during, after, completed, findings, verbs = run(story, stack)
    assert before == after
    assert before <= during
    assert len(completed.subnet_ids) == 1
    assert completed.options == {"_block": "10.1.0.0/16", "_outbound": "userAssignedNATGateway"}
    assert not [finding for finding in findings if finding.severity == "error"]
    assert set(verbs.values()) == {Verb.KEEP}


def network_things(cloud) -> set[tuple[str, str, str]]:
    kinds = ("network", "subnet", "nat_gateway", "public_ip")
    return {(row["kind"], row["id"], str(row["tags"])) for row in cloud.resources() if row["kind"] in kinds}


def test_something_foreign_is_named_and_keeps_the_network_alive(fast, stack):
    async def story():
        succeeded(await stack.apply(stack.provider.network_blueprint(NETWORK)))
        network = stack.row("network").external_id
        foreign = fast.act("plant_instance", network_id=network, group="theirs")["id"]
        items = await stack.provider.inventory(stack.az, network, frozenset())
        operation = await stack.apply(None)
        blocked = stack.row("subnet/nodes")
        fast.act("delete", id=foreign)
        await stack.resume(operation)
        return foreign, items, operation, blocked

    foreign, items, operation, blocked = run(story, stack)
    assert [item.origin for item in items if item.external_id == foreign] == [Origin.FOREIGN]
    assert blocked.state is State.BLOCKED
    assert foreign.rsplit("/", 1)[-1] in blocked.message
    succeeded(operation)
    assert {row["name"] for row in fast.resources()} <= {"theirs"}


def test_something_foreign_in_the_group_keeps_the_group_alive(fast, stack):
    async def story():
        succeeded(await stack.apply(stack.provider.network_blueprint(NETWORK)))
        network = stack.row("network").external_id
        foreign = fast.act("plant_instance", network_id=network)["id"]
        operation = await stack.apply(None)
        living = {row["id"] for row in fast.resources()}
        fast.act("delete", id=foreign)
        await stack.resume(operation)
        return foreign, living, operation

    foreign, living, operation = run(story, stack)
    assert foreign in living
    succeeded(operation)
    assert fast.resources() == []


def test_a_quota_blocks_with_its_reason_and_can_be_resumed(fast, stack):
    fast.fault("quota", "virtualNetworks.create")

    async def story():
        operation = await stack.apply(stack.provider.network_blueprint(NETWORK))
        blocked = stack.row("network")
        await stack.resume(operation)
        return blocked, operation

    blocked, operation = run(story, stack)
    assert (blocked.state, blocked.reason) == (State.BLOCKED, "QuotaExceeded")
    succeeded(operation)


def test_a_zone_without_machines_fails_the_pool_alone_and_says_why(fast, stack, make_cluster):
    fast.fault("no_capacity", "agentPools.create")

    async def story():
        operation = await stack.apply(stack.provider.cluster_blueprint(make_cluster()))
        failed, cluster = stack.row("node-pool/default"), stack.row("cluster")
        await stack.resume(operation)
        return failed, cluster, operation

    failed, cluster, operation = run(story, stack)
    assert failed.state is State.FAILED
    assert failed.message
    assert cluster.state is State.READY
    succeeded(operation)


def test_a_failed_resize_leaves_the_machines_and_is_tried_again(fast, stack, make_cluster):
    grown = make_cluster(node_pools=(replace(POOL, node_count=6),))

    async def story():
        succeeded(await stack.apply(stack.provider.cluster_blueprint(make_cluster())))
        made_at = fast.named("default")["created_at"]
        fast.fault("no_capacity", "agentPools.update")
        operation = await stack.apply(stack.provider.cluster_blueprint(grown))
        for _ in range(3):
            if operation.state is OperationState.SUCCEEDED:
                break
            await stack.resume(operation)
        return made_at, operation

    made_at, operation = run(story, stack)
    succeeded(operation)
    assert fast.named("default")["created_at"] == made_at, "the pool was made anew"
    assert fast.kinds()["scale_set_machine"] == 6


def test_rules_of_a_security_group_follow_its_spec(fast, stack):
    web = FirewallRuleSpec("ingress", "tcp", 80, 80, ("0.0.0.0/0",), "from anywhere")
    tls = FirewallRuleSpec("ingress", "tcp", 443, 443, ("10.0.0.0/8", "192.168.0.0/16"))
    out = FirewallRuleSpec("egress", "all", None, None, ("192.0.2.0/24",), action="deny")

    def network(*rules):
        return stack.provider.network_blueprint(
            replace(NETWORK, security_groups=(SecurityGroupSpec("web", "", rules),))
        )

    async def story():
        rules = []
        for wanted in ((web, out), (tls, out), (web, tls, web, out), ()):
            succeeded(await stack.apply(network(*wanted)))
            assert stack.plan(network(*wanted)).empty, wanted
            rules.append(stack.row("security-group/web").fields["rules"])
        succeeded(await stack.apply(stack.provider.network_blueprint(NETWORK)))
        return rules

    rules = run(story, stack)
    assert [len(found) for found in rules] == [2, 2, 3, 0]
    assert rules[1][0]["cidrs"] == ["10.0.0.0/8", "192.168.0.0/16"]
    assert fast.kinds()["security_group"] == 0


def test_drift_made_by_hand_is_seen_and_repaired(fast, stack):
    group = SecurityGroupSpec("web", "", (FirewallRuleSpec("ingress", "tcp", 80, 80, ("0.0.0.0/0",)),))

    async def story():
        graph = stack.provider.network_blueprint(replace(NETWORK, security_groups=(group,)))
        succeeded(await stack.apply(graph))
        fast.act("change", id=stack.row("subnet/nodes").external_id, field="properties.natGateway", value=None)
        seen = {}
        for key in ("subnet/nodes", "security-group/web", "network"):
            row = stack.row(key)
            driver = stack.provider.driver(row.kind)
            observed = await driver.observe(stack.az, row.external_id, row.spec)
            outputs = {
                "resource-group": stack.row("resource-group").outputs,
                "nat-gateway": stack.row("nat-gateway").outputs,
            }
            spec = {**row.spec, "nat_gateway": outputs["nat-gateway"]["id"]} if key == "subnet/nodes" else row.spec
            seen[key] = [change.field for change in driver.diff(spec, observed)]
            stack.store.put([replace(row, fields=observed.fields)])
        succeeded(await stack.apply(graph))
        return seen, stack.plan(graph)

    seen, plan = run(story, stack)
    assert seen == {"subnet/nodes": ["nat_gateway"], "security-group/web": [], "network": []}
    assert plan.empty


def test_a_cluster_that_somebody_stopped_is_told_and_left_alone(fast, stack, make_cluster):
    async def story():
        succeeded(await stack.apply(stack.provider.cluster_blueprint(make_cluster())))
        row = stack.row("cluster")
        fast.pass_time(600)
        await stack.az.post(row.external_id, "stop")
        fast.pass_time(1200)
        seen = await stack.provider.driver(row.kind).observe(stack.az, row.external_id, row.spec)
        survey = await stack.provider.survey(stack.az, {})
        return seen, survey

    seen, survey = run(story, stack)
    assert seen.phase is Phase.SETTLING
    assert "az aks start" in seen.message
    assert not survey.unread


def test_a_group_that_somebody_else_holds_fails_before_anything_is_changed(fast, stack):
    name = f"skyclust-network-{REGION}-net"
    theirs = f"/subscriptions/{fast.subscription}/resourceGroups/{name}"

    async def story():
        await stack.az.put(theirs, {"location": REGION, "tags": {"whose": "theirs"}})
        operation = await stack.apply(stack.provider.network_blueprint(NETWORK))
        return operation, await stack.az.get(theirs)

    operation, document = run(story, stack)
    assert operation.state is OperationState.FAILED
    assert stack.row("resource-group").reason == "NameTaken"
    assert document["tags"] == {"whose": "theirs"}


def test_a_throttled_cloud_only_slows_things_down(fast, stack):
    fast.fault("throttle", "*", times=4, retry_after=1)

    async def story():
        return await stack.apply(stack.provider.network_blueprint(NETWORK))

    succeeded(run(story, stack))


def test_lagging_reads_cost_time_but_no_second_resource(fast, stack):
    fast.fault("lag", "Microsoft.*", times=None, seconds=30)

    async def story():
        return await stack.apply(stack.provider.network_blueprint(NETWORK))

    succeeded(run(story, stack))
    assert fast.kinds()["network"] == 1


def test_a_pool_with_gpus_on_a_disk_of_the_machine_is_as_wanted(fast, stack, make_cluster):
    gpu = replace(
        POOL, name="gpu", machine_type="Standard_NC4as_T4_v3", node_count=1, gpu=Gpu("T4", 1), disk_type="Ephemeral"
    )

    async def story():
        graph = stack.provider.cluster_blueprint(make_cluster(node_pools=(POOL, gpu)))
        succeeded(await stack.apply(graph))
        return stack.plan(graph), await stack.az.get(stack.row("node-pool/gpu").external_id)

    second, pool = run(story, stack)
    assert second.empty, second.changes
    assert (pool["properties"]["vmSize"], pool["properties"]["osDiskType"]) == ("Standard_NC4as_T4_v3", "Ephemeral")
