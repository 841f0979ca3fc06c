"""Rule 15: what exists is described so that nothing would be done to it, and marks go on and come off it unharmed.

For providers that declare "import". What the suite's stacks made serves as what others made: another installation sees
it with the first one's marks, and without them once they are taken off.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from uuid import uuid4

import pytest

from skyclust.contract.conformance.applying import Stack
from skyclust.contract.conformance.life import marked
from skyclust.contract.conformance.running import graph_of, run, specs_by_subject, stack_of
from skyclust.contract.conformance.under_test import CloudResource, CloudUnderTest
from skyclust.contract.errors import InvalidSpec, NameTaken, NotSupported, Transient
from skyclust.contract.imports import Existing, Imported, Importing
from skyclust.contract.provider import Session
from skyclust.contract.resources import Graph, JsonObject, Mark, Phase, resolve, topological_order
from skyclust.contract.specs import ClusterSpec, NetworkSpec, network_from_json, network_to_json

MAX_TRIES = 60
PAUSE_SECONDS = 30.0


@dataclass
class Scene:
    """A standing stack, seen by an installation that wants to take over what it is about (`what`)."""

    cloud: CloudUnderTest
    session: Session
    importing: Importing
    what: str
    stack: Stack

    @property
    def external_id(self) -> str:
        """Of the cluster or network."""
        return self.stack.standing[self.what].external_id

    async def imported(self) -> Imported:
        """Described."""
        describe = self.importing.import_cluster if self.what == "cluster" else self.importing.import_network
        return await describe(self.session, self.external_id)

    def graph(self, imported: Imported) -> Graph:
        """The blueprint of what was described."""
        if isinstance(imported.spec, ClusterSpec):
            return self.cloud.provider.cluster_blueprint(imported.spec)
        return self.cloud.provider.network_blueprint(imported.spec)

    async def listed(self) -> Existing:
        """As the list for choosing shows it."""
        found = [item for item in await self.importing.existing(self.session) if item.external_id == self.external_id]
        assert len(found) == 1, f"{self.what} {self.external_id} is listed {len(found)} times"
        return found[0]


Story = Callable[[Scene], Awaitable[None]]
Changing = Callable[[Session, str, str, JsonObject, Mark], Awaitable[None]]


class ImportRules:
    """Rules judged on standing stacks."""

    def test_imports_are_offered_exactly_when_declared(self, cloud: CloudUnderTest) -> None:
        assert isinstance(cloud.provider, Importing) == ("import" in cloud.provider.capabilities)

    def test_what_exists_is_listed_with_its_owner(self, cloud: CloudUnderTest) -> None:
        async def story(scene: Scene) -> None:
            decoys = cloud.world.plant_decoys()
            listed = await scene.importing.existing(scene.session)
            assert list(listed) == sorted(listed, key=lambda item: (item.what, item.name)), "not sorted"
            assert {item.what for item in listed} <= {"cluster", "network"}
            shown = await scene.listed()
            assert shown.what == scene.what
            assert shown.region == cloud.region
            assert shown.owner is not None, f"the mark of {scene.what} was not seen"
            assert shown.owner.resource_id == scene.stack.standing[scene.what].mark.resource_id
            others = [item for item in listed if item.external_id in decoys]
            assert others, "somebody else's network is not listed"
            assert all(item.owner is None for item in others), f"owned by nobody we know: {others}"
            cloud.world.remove(decoys)

        _told(cloud, story)

    def test_the_plan_of_what_was_imported_is_empty(self, cloud: CloudUnderTest) -> None:
        async def story(scene: Scene) -> None:
            imported = await scene.imported()
            again = _from_json(imported)
            graph = scene.graph(imported)
            assert scene.graph(replace(imported, spec=again)) == graph, "the spec does not survive the database"
            owned = {node.key for node in graph if node.adopt_id is None and cloud.provider.driver(node.kind).creates}
            assert imported.ids.keys() == owned, f"ids {sorted(imported.ids)} for the nodes {sorted(owned)}"
            await _nothing_to_do(scene, graph, imported.ids)

        _told(cloud, story)

    def test_everything_that_can_be_described_is_taken_over(self, cloud: CloudUnderTest) -> None:
        """A cluster comes with its pools, and its network stays out; a network comes with its subnets."""

        async def story(scene: Scene) -> None:
            imported = await scene.imported()
            parts = {"cluster": ("cluster", "node-pool/"), "network": ("network", "subnet/")}[scene.what]
            wanted = {
                item.external_id
                for key, item in scene.stack.standing.items()
                if key == parts[0] or key.startswith(parts[1])
            }
            missing = wanted - set(imported.ids.values())
            assert not missing, f"{scene.what}: left out: {missing}"
            if isinstance(imported.spec, ClusterSpec):
                assert imported.spec.network is None
                assert imported.spec.vpc_id, "the cluster's network is not referred to"
                strange = _taken_besides(scene, imported, parts)
                assert not strange, f"taken over with the cluster: {strange}"
            else:
                assert not imported.spec.carve

        _told(cloud, story)

    def test_marks_go_on_and_come_off_and_never_over_another_s(self, cloud: CloudUnderTest) -> None:
        async def story(scene: Scene) -> None:
            imported = await scene.imported()
            impossible = any(finding.severity == "error" for finding in imported.findings)
            for key, external_id in imported.ids.items():
                if not await _remark(scene, key, external_id):
                    assert impossible, f"{key} takes no mark, but no finding forbids to manage it"

        _told(cloud, story)

    def test_an_import_changes_nothing_but_marks(self, cloud: CloudUnderTest) -> None:
        async def story(scene: Scene) -> None:
            before = _things(cloud)
            imported = await scene.imported()
            await scene.importing.existing(scene.session)
            assert _things(cloud) == before, "reading changed something"
            marks = {item.external_id: item.mark for item in scene.stack.owned()}
            for key, external_id in imported.ids.items():
                if external_id not in marks:
                    continue
                try:
                    await _call(scene, scene.importing.unmark, key, external_id, marks[external_id])
                    await _call(scene, scene.importing.mark, key, external_id, marks[external_id])
                except NotSupported:
                    continue
            cloud.world.pass_time(600)
            after = _things(cloud)
            assert after.keys() == before.keys(), f"made or lost: {after.keys() ^ before.keys()}"
            changed = {name for name, thing in before.items() if after[name] != thing}
            assert not changed, f"changed by a mark that went and came back: {changed}"
            await _nothing_to_do(scene, scene.graph(imported), imported.ids)

        _told(cloud, story)

    def test_what_does_not_exist_cannot_be_imported(self, cloud: CloudUnderTest) -> None:
        async def story(scene: Scene) -> None:
            absent = f"{scene.external_id}0"
            for describe in (scene.importing.import_cluster, scene.importing.import_network):
                with pytest.raises(InvalidSpec):
                    await describe(scene.session, absent)

        _told(cloud, story)


def _taken_besides(scene: Scene, imported: Imported, parts: tuple[str, str]) -> list[str]:
    """Keys of what is neither the cluster nor a pool; where it has no pools, of what a network consists of.

    Without pools a cluster may hold other things that stand and fall with it (Fargate profiles).
    """
    assert isinstance(imported.spec, ClusterSpec)
    others = [key for key in imported.ids if not key.startswith(parts)]
    if imported.spec.node_pools:
        return others
    graph, network = scene.graph(imported), scene.cloud.provider.network_blueprint(scene.cloud.network)
    return [key for key in others if graph[key].kind in {node.kind for node in network}]


def _told(cloud: CloudUnderTest, story: Story) -> None:
    """Run a story on each subject, alone in the cloud, if the provider offers imports."""
    if not isinstance(cloud.provider, Importing):
        return
    importing = cloud.provider

    async def each(session: Session) -> None:
        for _, spec in specs_by_subject(cloud):
            cloud.world.reset()
            stack = stack_of(cloud, session, spec.name if spec else cloud.network.name)
            await stack.apply(await graph_of(cloud, session, spec))
            await story(Scene(cloud, session, importing, "cluster" if spec else "network", stack))

    run(cloud, each)


async def _nothing_to_do(scene: Scene, graph: Graph, ids: Mapping[str, str]) -> None:
    """Every node is there, ready, and as its spec says."""
    outputs: dict[str, JsonObject] = {}
    for key in topological_order({node.key: node.depends_on for node in graph}):
        node, driver = graph[key], scene.cloud.provider.driver(graph[key].kind)
        if not driver.creates:
            continue
        spec: JsonObject = resolve(node.spec, outputs)
        seen = await driver.observe(scene.session, node.adopt_id or ids[key], spec)
        assert seen is not None, f"{key} is not there as {node.adopt_id or ids[key]}"
        assert seen.phase is Phase.READY, f"{key} is {seen.phase}"
        outputs[key] = seen.outputs
        changes = () if node.adopt_id else driver.diff(spec, seen)
        assert not changes, f"{key} would be changed at once: {changes}"


async def _remark(scene: Scene, key: str, external_id: str) -> bool:
    """Off goes the first one's mark, on ours, and back; twice each, as a lost reply would have it.

    False when the kind has no room for a mark.
    """
    mine, theirs = Mark(uuid4(), uuid4(), 1, "taken"), Mark(uuid4(), uuid4(), 1, "theirs")
    first = next((item.mark for item in scene.stack.owned() if item.external_id == external_id), None)
    if first is None:
        return True  # made by the cloud, not by the stack
    mark, unmark = scene.importing.mark, scene.importing.unmark
    try:
        with pytest.raises(NameTaken):
            await _call(scene, mark, key, external_id, mine)
    except NotSupported:
        return False
    for own, other, following in ((first, mine, mine), (mine, theirs, first)):
        await _call(scene, unmark, key, external_id, other)
        assert marked(scene.cloud, own).total() > 0, f"{key} lost its mark to a stranger"
        await _twice(scene, unmark, key, external_id, own)
        assert marked(scene.cloud, own).total() == 0, f"{key} still carries the mark that was taken off"
        if key == scene.what:
            assert (await scene.listed()).owner is None, f"{key} is still listed as owned"
        await _twice(scene, mark, key, external_id, following)
        assert marked(scene.cloud, following).total() > 0, f"{key} does not carry the mark that was put on"
    return True


async def _twice(scene: Scene, change: Changing, key: str, external_id: str, mark: Mark) -> None:
    for _ in range(2):
        await _call(scene, change, key, external_id, mark)


async def _call(scene: Scene, change: Callable[..., Awaitable[None]], key: str, external_id: str, mark: Mark) -> None:
    """One change of a mark, as often as the cloud wants to be asked, and until it has come to rest."""
    standing = next(item for item in scene.stack.standing.values() if item.external_id == external_id)
    for _ in range(MAX_TRIES):
        try:
            await change(scene.session, standing.node.kind, external_id, standing.spec, mark)
        except Transient:
            scene.cloud.world.pass_time(PAUSE_SECONDS)
            continue
        scene.cloud.world.pass_time(PAUSE_SECONDS)
        seen = await scene.stack.driver(standing).observe(scene.session, external_id, standing.spec)
        assert seen is not None, f"{key} went when its mark was changed"
        if seen.phase is Phase.READY:
            return
    raise AssertionError(f"the mark of {key} could not be changed in {MAX_TRIES} tries")


def _from_json(imported: Imported) -> ClusterSpec | NetworkSpec:
    if isinstance(imported.spec, ClusterSpec):
        return ClusterSpec.from_json(json.loads(json.dumps(imported.spec.to_json())))
    return network_from_json(json.loads(json.dumps(network_to_json(imported.spec))))


def _things(cloud: CloudUnderTest) -> dict[tuple[str, str], CloudResource]:
    return {(item.kind, item.id): replace(item, tags=dict(item.tags)) for item in cloud.world.resources()}
