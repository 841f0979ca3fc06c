"""Tell one story on one sandbox: create, change, delete, with the wanted calls going wrong, and judge after each phase.

Called by the sweep. Invariant: what is judged comes from the sandbox's books through its control API, never from the
provider; a phase begins only when the one before has ended well.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from skyclust.contract.resources import Graph
from skyclust.contract.specs import NetworkSpec
from skyclust.provisioning.memory import MemoryOperation
from skyclust.provisioning.pacing import Pace, poll_seconds
from skyclust.provisioning.planning import Verb
from skyclust.provisioning.rows import OperationState, ResourceRow
from soak.engine_stacks import EngineStack
from soak.sandboxes import SandboxProcess
from soak.single_faults import books
from soak.single_faults.books import Census, Item
from soak.single_faults.points import PHASES, Point
from soak.single_faults.stories import Place, Spec, Story

SPEED = 1500.0
#: More resumes than faults that stop an operation; one that still does not succeed counts as beyond repair.
SPARE_RESUMES = 2
#: Cloud seconds within which what the cloud does by itself (machines that come and go) has come to rest.
REST_SECONDS = 900.0
PHASE_SECONDS = 90.0


class QuickPace(Pace):
    """Looks as soon as it may be worth it: nobody pays for calls here."""

    def poll(self, elapsed_real_seconds: float, expected_cloud_seconds: float) -> float:
        return max(self.real(poll_seconds(elapsed_real_seconds * self.speed, expected_cloud_seconds)), 0.02)


@dataclass
class Told:
    """What became of a run.

    calls       operations called in each phase, in order
    standing    what stood after the phases that leave something standing
    fired       points whose call was made; the others did not come to pass
    resumes     how often an operation had stopped and was resumed
    """

    points: tuple[Point, ...] = ()
    calls: dict[str, list[str]] = field(default_factory=dict)
    standing: dict[str, Census] = field(default_factory=dict)
    fired: set[Point] = field(default_factory=set)
    violations: list[str] = field(default_factory=list)
    resumes: int = 0
    seconds: float = 0.0


class Lane:
    """A sandbox with one provider on it; runs follow each other, each on an empty cloud.

    With `lag`, reads show what is new only after so many cloud seconds.
    """

    def __init__(self, place: Place, sandbox: SandboxProcess, *, lag: float = 0.0) -> None:
        self.place, self.sandbox, self.lag = place, sandbox, lag
        self.provider = place.make(sandbox.ready)
        self.pace = QuickPace(sandbox.speed)

    async def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return await asyncio.to_thread(self.sandbox.control, method, path, body)

    async def items(self) -> list[Item]:
        found = await self.control("GET", f"resources?provider={self.place.provider}")
        return list(found["resources"])

    async def act(self, action: str, **body: Any) -> Any:
        return await self.control("POST", f"actions/{self.place.provider}/{action}", body)

    async def calls(self) -> list[str]:
        found = await self.control("GET", f"calls?provider={self.place.provider}")
        return [call["operation"] for call in found["calls"]]

    async def break_calls(self, points: Sequence[Point]) -> list[str]:
        """Ids of the rules, one per point."""
        rules = [point.rule(self.place.provider) for point in points]
        if self.lag:
            late = {"provider": self.place.provider, "mode": "lag", "params": {"seconds": self.lag}}
            await self.control("POST", "faults", late)
        return [(await self.control("POST", "faults", rule))["id"] for rule in rules]

    async def heal(self) -> set[str]:
        """End all faults; ids of the rules that came to pass."""
        rules = (await self.control("GET", "faults"))["faults"]
        await self.control("DELETE", "faults")
        return {rule["id"] for rule in rules if rule["applied"]}

    async def rest(self) -> None:
        await self.control("POST", "clock", {"advance_seconds": REST_SECONDS})

    def stack(self, name: str) -> EngineStack:
        return EngineStack(self.provider, self.place.connect(self.provider, self.sandbox.ready), name, self.pace)

    async def tell(self, story: Story, points: Sequence[Point] = (), baseline: Told | None = None) -> Told:
        """Run the story. Without a baseline this run becomes one: it says what should stand."""
        await self.control("POST", "reset")
        told, started = Told(tuple(points)), time.monotonic()
        host = await self._host(story.in_existing) if story.in_existing else None
        await self.act("plant_decoys", region=self.place.region)
        await self.rest()
        run = _Run(self, story, self.stack(story.before.name), told, baseline, await self.items())
        try:
            await run.go(host)
        except AssertionError as wrong:
            told.violations.append(str(wrong))
        finally:
            await run.stack.close()
        told.seconds = time.monotonic() - started
        return told

    async def _host(self, spec: NetworkSpec) -> str:
        """A network of another stack; its id."""
        stack = self.stack("host")
        try:
            operation = await stack.apply(self.provider.network_blueprint(spec))
            assert operation.state is OperationState.SUCCEEDED, operation.message
            return str(stack.row("network").external_id)
        finally:
            await stack.close()


@dataclass
class _Run:
    lane: Lane
    story: Story
    stack: EngineStack
    told: Told
    baseline: Told | None
    before: list[Item]

    async def go(self, host: str | None) -> None:
        specs = await self._specs(host)
        for phase in PHASES:
            if phase == "delete" and self.story.is_cluster:
                await self.lane.act("kubernetes_leftovers", cluster=self.story.before.name)
            graph = self._graph(specs[phase]) if phase in specs else None
            await self._phase(phase, graph)
            if self.told.violations:
                return

    async def _specs(self, host: str | None) -> Mapping[str, Spec]:
        """As a slice stores them: completed once, and the change built on the completed one."""
        before, after = self.story.before, self.story.after
        if not isinstance(before, NetworkSpec):
            assert not isinstance(after, NetworkSpec)
            if host is not None:
                before = replace(before, vpc_id=host)
            before = await self.lane.provider.complete_cluster(self.stack.session, before)
            after = replace(
                before, version=after.version, node_pools=after.node_pools, options={**before.options, **after.options}
            )
        return {"create": before, "change": after}

    def _graph(self, spec: Spec) -> Graph:
        provider = self.lane.provider
        return provider.network_blueprint(spec) if isinstance(spec, NetworkSpec) else provider.cluster_blueprint(spec)

    async def _phase(self, phase: str, graph: Graph | None) -> None:
        mine = [point for point in self.told.points if point.call.phase == phase]
        rules = await self.lane.break_calls(mine)
        called = len(await self.lane.calls())
        operation = await self.stack.apply(graph, seconds=PHASE_SECONDS)
        for _ in range(len(mine) + SPARE_RESUMES):
            if operation.state is OperationState.SUCCEEDED:
                break
            await self._judge_stop(phase, operation)
            self.told.resumes += 1
            await self.stack.resume(operation, seconds=PHASE_SECONDS)
        self.told.calls[phase] = (await self.lane.calls())[called:]
        applied = await self.lane.heal()
        self.told.fired |= {point for point, rule in zip(mine, rules, strict=True) if rule in applied}
        if operation.state is not OperationState.SUCCEEDED:
            self._violate(phase, [f"still {operation.state} after every resume: {operation.message}"])
            return
        await (self._judge_end() if graph is None else self._judge_standing(phase, graph))

    async def _judge_stop(self, phase: str, operation: MemoryOperation) -> None:
        expected = self.baseline.standing.get(phase, Census()) if self.baseline else Census()
        self._violate(phase, books.of_a_stop(operation, self._all_rows(), await self._census(), expected))
        if self.baseline is None:
            self._violate(phase, [f"stopped without any fault: {operation.message}"])

    async def _judge_standing(self, phase: str, graph: Graph) -> None:
        if self.baseline is None:
            await self.lane.rest()
            self.told.standing[phase] = await self._census()
            wanted = self.told.standing[phase]
        else:
            wanted = self.baseline.standing[phase]
        found = await self._census()
        if found != wanted:  # machines may still come or go
            await self.lane.rest()
            found = await self._census()
        self._violate(phase, books.differences(wanted, found))
        plan = self.stack.plan(graph)
        if not plan.empty:
            wrong = [str(change) for change in plan.changes if change.verb is not Verb.KEEP]
            self._violate(phase, [f"what stands is not as wanted: {wrong}"])
        self._violate(phase, books.of_strangers(self.before, await self.lane.items()))

    async def _judge_end(self) -> None:
        await self.lane.rest()
        items = await self.lane.items()
        self._violate("delete", books.left_behind(self.before, items))
        self._violate("delete", books.of_strangers(self.before, items))
        if left := self.stack.rows():
            self._violate("delete", [f"rows are left: {[row.key for row in left]}"])

    async def _census(self) -> Census:
        known = frozenset(item["id"] for item in self.before)
        return books.census(await self.lane.items(), self._all_rows(), known)

    def _all_rows(self) -> list[ResourceRow]:
        return self.stack.store.rows(self.stack.id)

    def _violate(self, phase: str, sentences: Iterator[str] | list[str]) -> None:
        self.told.violations.extend(f"{phase}: {sentence}" for sentence in sentences)
