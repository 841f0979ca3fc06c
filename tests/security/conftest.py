"""Two tenants on a database of their own, for all tests of this folder that only look."""

import asyncio

import pytest

from building import open_site
from tenancy import server_logs
from two_tenants import open_street


@pytest.fixture(scope="session")
def street(postgres_server):
    """Runs a story on the two tenants; stories share them, so they leave them as they are."""
    database = postgres_server.another("street")

    async def opened():
        return await open_street(await open_site(database))

    with server_logs(), asyncio.Runner() as runner:
        neighbours = runner.run(opened())
        yield lambda story: runner.run(story(neighbours))
        runner.run(neighbours.house.close())
