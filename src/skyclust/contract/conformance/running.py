"""How the suite runs one story against the cloud: one event loop, one session, closed at the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import TypeVar

from skyclust.contract.conformance.applying import Stack
from skyclust.contract.conformance.under_test import CloudUnderTest
from skyclust.contract.provider import Credential, Session
from skyclust.contract.resources import Graph
from skyclust.contract.specs import ClusterSpec

T = TypeVar("T")


def run(cloud: CloudUnderTest, story: Callable[[Session], Awaitable[T]], credential: Credential | None = None) -> T:
    """Run `story` with an open session of `credential` (the right one unless given)."""

    async def told() -> T:
        async with opened(cloud, credential) as session:
            return await story(session)

    return asyncio.run(told())


@asynccontextmanager
async def opened(cloud: CloudUnderTest, credential: Credential | None = None) -> AsyncIterator[Session]:
    """A session that is closed twice, since closing must be idempotent."""
    session = cloud.provider.connect(credential or cloud.credential, cloud.region)
    try:
        yield session
    finally:
        await session.close()
        await session.close()


def stack_of(cloud: CloudUnderTest, session: Session, name: str, generation: int = 1) -> Stack:
    """An empty stack."""
    return Stack(cloud.provider, session, cloud.world, name, generation=generation)


async def cluster_graph(cloud: CloudUnderTest, session: Session, spec: ClusterSpec) -> Graph:
    """The graph of a cluster as the server makes it: completed once, then a pure blueprint."""
    return cloud.provider.cluster_blueprint(await cloud.provider.complete_cluster(session, spec))


def specs_by_subject(cloud: CloudUnderTest) -> Iterator[tuple[str, ClusterSpec | None]]:
    """What the suite builds: the network (None) and a cluster of each mode."""
    yield "network", None
    for mode, spec in sorted(cloud.clusters.items()):
        yield f"{mode} cluster", spec


async def graph_of(cloud: CloudUnderTest, session: Session, spec: ClusterSpec | None) -> Graph:
    """The graph of one subject."""
    if spec is None:
        return cloud.provider.network_blueprint(cloud.network)
    return await cluster_graph(cloud, session, spec)
