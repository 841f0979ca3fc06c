"""Peerings of VPCs under the real engine: between two regions, with routes in every table, beside what is not ours."""

from dataclasses import replace

from skyclust.contract.resources import Origin
from skyclust.contract.specs import NetworkSpec, PeeringSpec
from skyclust.provisioning.rows import OperationState
from soak.engine_stacks import EngineStack

REGION, ELSEWHERE = "us-west-2", "us-east-1"
NET = NetworkSpec("net", REGION, "10.1.0.0/16")
HUB = NetworkSpec("hub", ELSEWHERE, "10.2.0.0/16", carve=False)


def succeeded(operation) -> None:
    assert operation.state is OperationState.SUCCEEDED, (operation.message, operation.timeline[-5:])


def graph_of(stack, hub_id, **options):
    wish = PeeringSpec("to-hub", "hub", hub_id, ELSEWHERE, HUB.cidr_block, options)
    return stack.provider.network_blueprint(replace(NET, peerings=(wish,)))


async def routes_of(session, vpc_id):
    """By table, what is sent over a peering."""
    tables = await session.listed(
        "ec2", "describe_route_tables", "RouteTables", Filters=[{"Name": "vpc-id", "Values": [vpc_id]}]
    )
    return {
        table["RouteTableId"]: [
            route["DestinationCidrBlock"] for route in table["Routes"] if route.get("VpcPeeringConnectionId")
        ]
        for table in tables
    }


async def with_hub(aws, sandbox, stack, story) -> None:
    hub = EngineStack(aws, aws.connect(sandbox.credential, ELSEWHERE), "hub", stack.pace)
    try:
        succeeded(await hub.apply(aws.network_blueprint(HUB)))
        await story(hub, hub.row("network").external_id)
    finally:
        await hub.close()


def test_a_peering_between_regions_is_accepted_and_routed_in_every_table_of_both(aws, sandbox, stacks):
    async def story(make):
        stack = make("net")

        async def peered(hub, hub_id):
            graph = graph_of(stack, hub_id, remote_dns=True)
            succeeded(await stack.apply(graph))
            assert stack.plan(graph).empty, stack.plan(graph).changes
            mine = await routes_of(stack.session, stack.row("network").external_id)
            theirs = await routes_of(hub.session, hub_id)
            assert len(mine) == 3
            assert set(map(tuple, mine.values())) == {(HUB.cidr_block,)}
            assert list(theirs.values()) == [[NET.cidr_block]]
            for session, network in ((stack.session, stack.row("network").external_id), (hub.session, hub_id)):
                items = await aws.inventory(session, network, frozenset())
                assert [item.origin for item in items if item.kind == "VPC peering"] == [Origin.OURS]
            assert "vpc_peering" not in {
                item.kind.rpartition(".")[2] for item in (await aws.survey(hub.session, {})).sightings
            }
            blocked = await aws.driver("aws.ec2.route_table").observe(hub.session, next(iter(theirs)), {})
            assert blocked.fields["routes"] == [], "a peering's route is no route of the table's own"
            succeeded(await stack.apply(stack.provider.network_blueprint(NET)))
            assert list((await routes_of(hub.session, hub_id)).values()) == [[]]
            succeeded(await stack.apply(None))
            succeeded(await hub.apply(None))

        await with_hub(aws, sandbox, stack, peered)

    stacks(story)
    assert sandbox.resources() == []


def test_a_route_of_somebody_else_s_is_named_and_left_alone(aws, sandbox, stacks):
    async def story(make):
        stack = make("net")

        async def peered(hub, hub_id):
            succeeded(await stack.apply(stack.provider.network_blueprint(NET)))
            [table, *_] = [row.external_id for row in stack.rows() if row.key == "route-table/public"]
            target = {"DestinationCidrBlock": HUB.cidr_block, "GatewayId": stack.row("internet-gateway").external_id}
            await stack.session.call("ec2", "create_route", RouteTableId=table, **target)
            operation = await stack.apply(graph_of(stack, hub_id))
            assert operation.state is OperationState.FAILED
            assert table in stack.row("peering/to-hub").message
            await stack.session.call("ec2", "delete_route", RouteTableId=table, DestinationCidrBlock=HUB.cidr_block)
            await stack.resume(operation)
            succeeded(operation)

        await with_hub(aws, sandbox, stack, peered)

    stacks(story)


def test_overlapping_ranges_fail_in_the_cloud_s_own_way(aws, sandbox, stacks):
    async def story(make):
        stack, twin = make("net"), make("twin")
        succeeded(await twin.apply(aws.network_blueprint(NetworkSpec("twin", REGION, "10.1.0.0/16", carve=False))))
        wish = PeeringSpec("twin", "twin", twin.row("network").external_id, REGION, "10.1.0.0/16")
        operation = await stack.apply(aws.network_blueprint(replace(NET, carve=False, peerings=(wish,))))
        assert operation.state is not OperationState.SUCCEEDED
        assert "overlapping CIDR" in stack.row("peering/twin").message

    stacks(story)
