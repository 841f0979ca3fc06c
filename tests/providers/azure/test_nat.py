"""A network with a NAT gateway in each zone, built and taken down in the simulated cloud."""

import asyncio

from skyclust.contract.specs import NetworkSpec
from skyclust.provisioning.rows import OperationState


def test_a_gateway_per_zone_is_built_and_goes(fast, stack):
    graph = stack.provider.network_blueprint(NetworkSpec("net", "koreacentral", "10.1.0.0/16", nat="per_zone"))

    async def story():
        try:
            made = await stack.apply(graph)
            assert made.state is OperationState.SUCCEEDED, made.message
            assert stack.plan(graph).empty, stack.plan(graph).changes
            rows = [row for row in stack.rows() if row.kind == "azure.network.nat_gateway"]
            documents = [await stack.az.get(row.external_id) for row in rows]
            assert [document["zones"] for document in documents] == [["1"], ["2"]]
            assert (await stack.apply(None)).state is OperationState.SUCCEEDED
        finally:
            await stack.close()

    asyncio.run(story())
    assert fast.resources() == []
