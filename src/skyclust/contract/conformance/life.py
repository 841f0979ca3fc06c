"""The life of a stack from creation to deletion, written down so that many rules can judge it at the cost of one run.

Called by `rules_of_life`. Every record is by node key.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial
from uuid import uuid4

from skyclust.contract.conformance.applying import Birth, Creation, Stack, Standing
from skyclust.contract.conformance.running import graph_of, stack_of
from skyclust.contract.conformance.under_test import CloudResource, CloudUnderTest
from skyclust.contract.errors import NameTaken, ProviderError
from skyclust.contract.hibernation import Hibernating
from skyclust.contract.provider import ClusterAccess, KubeToken, Session
from skyclust.contract.resources import Change, Graph, Json, JsonObject, Mark, Observed, Phase
from skyclust.contract.specs import AutoScaling, ClusterSpec, UpgradeSettings


@dataclass
class Life:
    """What was seen of one stack."""

    subject: str
    found_before: dict[str, Observed | None] = field(default_factory=dict)
    created: dict[str, tuple[str, str]] = field(default_factory=dict)  # ids of the first and the second call
    copies: dict[str, tuple[Counter[str], Counter[str]]] = field(default_factory=dict)  # marked, by kind
    outputs: dict[str, JsonObject] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    found: dict[str, str | None] = field(default_factory=dict)
    second_plan: dict[str, tuple[Change, ...]] = field(default_factory=dict)
    marked: dict[str, Counter[str]] = field(default_factory=dict)
    found_after_update: dict[str, str | None] = field(default_factory=dict)
    marked_after_update: dict[str, Counter[str]] = field(default_factory=dict)
    found_by_stranger: dict[str, Observed | None] = field(default_factory=dict)
    lost_to_stranger: list[str] = field(default_factory=list)
    observed_after: dict[str, Observed | None] = field(default_factory=dict)
    found_after: dict[str, Observed | None] = field(default_factory=dict)
    asleep: dict[str, tuple[Change, ...]] = field(default_factory=dict)  # what differs while it is hibernated
    asleep_usd: dict[str, float] = field(default_factory=dict)  # of pools that keep no node
    awake: dict[str, tuple[Change, ...]] = field(default_factory=dict)  # what differs after it woke
    surge: list[Json] = field(default_factory=list)  # settings of a pool as they are seen, after each change
    left: tuple[CloudResource, ...] = ()
    access: ClusterAccess | None = None
    token: KubeToken | None = None


async def live(cloud: CloudUnderTest, session: Session, subject: str, spec: ClusterSpec | None) -> Life:
    """Create everything twice, look, change, look, delete each after a stranger has tried to, look."""
    cloud.world.reset()
    life = Life(subject)
    stack = stack_of(cloud, session, spec.name if spec else cloud.network.name)
    graph = await graph_of(cloud, session, spec)
    await stack.apply(graph, create=_twice(cloud, life))
    await _look(cloud, life, stack)
    if spec is not None:
        await _open(cloud, life, session)
        await _change_and_back(cloud, life, stack, graph, spec)
        await _sleep_and_wake(cloud, life, stack, spec)
    life.found_after_update = {item.node.key: await _found(stack, item) for item in stack.owned()}
    life.marked_after_update = {item.node.key: marked(cloud, item.mark) for item in stack.owned()}
    deleted = await stack.delete(before_each=partial(_let_a_stranger_try, life, stack))
    gone = [item for item in deleted if item.observed is not None]
    for item in gone:
        await _look_at_the_absent(life, stack, item)
    life.left = cloud.world.resources()
    return life


def marked(cloud: CloudUnderTest, mark: Mark) -> Counter[str]:
    """How many resources of each cloud kind carry this mark, as the cloud itself knows."""
    return Counter(resource.kind for resource in cloud.world.resources() if resource.carries(mark))


def _twice(cloud: CloudUnderTest, life: Life) -> Creation:
    """A way to create that asks `find` first, creates twice and counts what that made."""

    async def create(birth: Birth) -> Observed:
        life.found_before[birth.key] = await birth.find()
        first = await birth.create()
        once = marked(cloud, birth.mark)
        second = await birth.create()
        life.created[birth.key] = (first.external_id, second.external_id)
        life.copies[birth.key] = (once, marked(cloud, birth.mark))
        return first

    return create


async def _look(cloud: CloudUnderTest, life: Life, stack: Stack) -> None:
    for item in stack.owned():
        key, driver = item.node.key, stack.driver(item)
        seen = await driver.observe(stack.session, item.external_id, item.spec)
        assert seen is not None, f"{key} was ready and is not seen any more"
        life.ids[key], life.outputs[key] = item.external_id, seen.outputs
        life.second_plan[key] = driver.diff(item.spec, seen)
        life.found[key] = await _found(stack, item)
        life.marked[key] = marked(cloud, item.mark)


async def _found(stack: Stack, item: Standing) -> str | None:
    found = await stack.driver(item).find(stack.session, item.mark, item.spec)
    return found.external_id if found else None


async def _open(cloud: CloudUnderTest, life: Life, session: Session) -> None:
    outputs = life.outputs["cluster"]
    life.access = cloud.provider.cluster_access(outputs)
    life.token = await cloud.provider.kube_token(session, outputs)


async def _change_and_back(cloud: CloudUnderTest, life: Life, stack: Stack, graph: Graph, spec: ClusterSpec) -> None:
    """Grow the first pool, add a second and change that; then as before. Modes without pools have nothing to change."""
    if not spec.node_pools:
        return
    first, *others = spec.node_pools
    grown = replace(first, node_count=first.node_count + 1, labels={**first.labels, "conformance": "changed"})
    whole = await cloud.provider.complete_cluster(stack.session, spec)
    for missing in ("1", "2") if "node_pools.surge" in cloud.provider.capabilities else (None,):
        settings = UpgradeSettings(max_unavailable=missing) if missing else None
        extra = replace(first, name=f"{first.name}-x", upgrade=settings)
        await stack.apply(cloud.provider.cluster_blueprint(replace(whole, node_pools=(grown, *others, extra))))
        seen = stack.standing[f"node-pool/{extra.name}"].observed
        life.surge.append(seen.fields.get("upgrade") if seen is not None else None)
    await stack.apply(graph)


async def _sleep_and_wake(cloud: CloudUnderTest, life: Life, stack: Stack, spec: ClusterSpec) -> None:
    """Put all pools to sleep, the first one with an autoscaler, and wake them; in the end as before."""
    provider = cloud.provider
    if not spec.node_pools or not isinstance(provider, Hibernating):
        return
    first, *others = spec.node_pools
    bounded = replace(first, auto_scaling=AutoScaling(1, first.node_count + 1))
    whole = await provider.complete_cluster(stack.session, spec)
    awake = replace(whole, node_pools=(bounded, *others))
    asleep = replace(awake, asleep=dict(provider.sleeping_sizes(awake)))
    await stack.apply(provider.cluster_blueprint(awake))
    await stack.apply(provider.cluster_blueprint(asleep))
    life.asleep = await _differences(stack)
    empty = [f"node-pool/{pool.name}" for pool in asleep.pools_now if pool.node_count == 0]
    for item in stack.owned():
        if item.node.key in empty:
            priced = provider.monthly_price(replace(item.node, spec=item.spec), cloud.region)
            life.asleep_usd[item.node.key] = priced[0] if priced else 0.0
    await stack.apply(provider.cluster_blueprint(awake))
    await stack.apply(provider.cluster_blueprint(whole))
    life.awake = await _differences(stack)


async def _differences(stack: Stack) -> dict[str, tuple[Change, ...]]:
    found = {}
    for item in stack.owned():
        driver = stack.driver(item)
        seen = await driver.observe(stack.session, item.external_id, item.spec)
        assert seen is not None, f"{item.node.key} is not seen any more"
        found[item.node.key] = driver.diff(item.spec, seen)
    return found


async def _let_a_stranger_try(life: Life, stack: Stack, item: Standing) -> None:
    """Somebody with another mark looks for the resource and tries to delete it, when nothing else prevents that."""
    if item.observed is None or item.node.adopt_id is not None:
        return
    stranger = Mark(uuid4(), uuid4(), 1, item.mark.stack_name)
    driver = stack.driver(item)
    with contextlib.suppress(NameTaken):
        life.found_by_stranger[item.node.key] = await driver.find(stack.session, stranger, item.spec)
    with contextlib.suppress(ProviderError):
        await driver.delete(stack.session, item.external_id, item.spec, stranger)
    seen = await driver.observe(stack.session, item.external_id, item.spec)
    if seen is None or seen.phase is Phase.DELETING:
        life.lost_to_stranger.append(item.node.key)


async def _look_at_the_absent(life: Life, stack: Stack, item: Standing) -> None:
    driver, key = stack.driver(item), item.node.key
    life.found_after[key] = await driver.find(stack.session, item.mark, item.spec)
    await driver.delete(stack.session, item.external_id, item.spec, item.mark)
    life.observed_after[key] = await driver.observe(stack.session, item.external_id, item.spec)
