"""Rule 14: a survey sees everything of ours and nothing of others, as the drivers see it, with few calls.

For providers that declare "drift"; the first rule holds for every provider, so that none offers it undeclared.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace

import pytest

from skyclust.contract.conformance.applying import Stack, Standing
from skyclust.contract.conformance.rules_of_failure import fit_for_users
from skyclust.contract.conformance.running import graph_of, run, specs_by_subject, stack_of
from skyclust.contract.conformance.under_test import CloudUnderTest, Fault
from skyclust.contract.errors import AuthenticationFailed, ProviderError
from skyclust.contract.provider import Session
from skyclust.contract.resources import JsonObject, Phase
from skyclust.contract.specs import NetworkSpec, SubnetSpec
from skyclust.contract.surveys import Known, Sighting, Survey, Surveying

Looked = Callable[[Session, Surveying], Awaitable[None]]


class SurveyRules:
    """Rules judged on standing stacks among things that are somebody else's."""

    def test_surveys_are_offered_exactly_when_declared(self, cloud: CloudUnderTest) -> None:
        assert isinstance(cloud.provider, Surveying) == ("drift" in cloud.provider.capabilities)

    def test_a_survey_sees_all_of_ours_with_its_owner_and_nothing_of_others(self, cloud: CloudUnderTest) -> None:
        async def story(session: Session, surveying: Surveying) -> None:
            for subject, spec in specs_by_subject(cloud):
                cloud.world.reset()
                decoys = cloud.world.plant_decoys()
                stack = stack_of(cloud, session, spec.name if spec else cloud.network.name)
                await stack.apply(await graph_of(cloud, session, spec))
                foreign = cloud.world.plant_foreign(stack.standing["network"].external_id)
                seen = await surveying.survey(session, {})
                assert not seen.unread, f"{subject}: {seen.unread}"
                _are_exactly(subject, seen, stack.owned())
                strange = {item.external_id for item in seen.sightings} & {*decoys, foreign}
                assert not strange, f"{subject}: somebody else's were sighted: {strange}"

        _told(cloud, story)

    def test_a_survey_observes_what_the_drivers_observe(self, cloud: CloudUnderTest) -> None:
        async def story(session: Session, surveying: Surveying) -> None:
            for subject, spec in specs_by_subject(cloud):
                cloud.world.reset()
                stack = stack_of(cloud, session, spec.name if spec else cloud.network.name)
                await stack.apply(await graph_of(cloud, session, spec))
                seen = await surveying.survey(session, known_of(stack.owned()))
                await _observed_alike(subject, stack, seen)

        _told(cloud, story)

    def test_a_survey_sees_what_is_known_though_it_carries_no_mark(self, cloud: CloudUnderTest) -> None:
        """A network among the decoys, as a row of an existing network would name it."""

        async def story(session: Session, surveying: Surveying) -> None:
            decoys = cloud.world.plant_decoys()
            stack = stack_of(cloud, session, cloud.network.name)
            await stack.apply(await graph_of(cloud, session, None))
            known = await _known_decoys(stack, decoys)
            assert known, "there is no network among the decoys"
            seen = await surveying.survey(session, _by_kind(known))
            sighted = {(item.kind, item.external_id): item.owner for item in seen.sightings}
            missing = [item for item in known if (item.kind, item.external_id) not in sighted]
            assert not missing, f"known, existing, and not sighted: {missing}"
            assert all(sighted[item.kind, item.external_id] is None for item in known), "owned by nobody we know"
            absent = [replace(item, external_id=f"{item.external_id}0") for item in known]
            again = await surveying.survey(session, _by_kind(absent))
            invented = {item.external_id for item in absent} & {item.external_id for item in again.sightings}
            assert not invented, f"sighted, though they do not exist: {invented}"

        _told(cloud, story)

    def test_a_survey_leaves_out_what_is_being_deleted(self, cloud: CloudUnderTest) -> None:
        async def story(session: Session, surveying: Surveying) -> None:
            spec = cloud.clusters["standard"]
            stack = stack_of(cloud, session, spec.name)
            await stack.apply(await graph_of(cloud, session, spec))
            pool = stack.standing[f"node-pool/{spec.node_pools[0].name}"]
            driver = stack.driver(pool)
            await driver.delete(session, pool.external_id, pool.spec, pool.mark)
            leaving = await driver.observe(session, pool.external_id, pool.spec)
            assert leaving is None or leaving.phase is Phase.DELETING, leaving
            seen = await surveying.survey(session, known_of([pool]))
            assert pool.external_id not in _ids(seen), "a resource that is being deleted was sighted"
            everything = stack.owned()
            await stack.delete()
            seen = await surveying.survey(session, known_of(everything))
            assert seen.sightings == (), f"gone, but sighted: {seen.sightings}"

        _told(cloud, story)

    def test_a_survey_takes_no_more_calls_for_more_resources(self, cloud: CloudUnderTest) -> None:
        async def story(session: Session, surveying: Surveying) -> None:
            stack = stack_of(cloud, session, cloud.network.name)
            calls = []
            for count in (1, 9):
                await stack.apply(cloud.provider.network_blueprint(_with_subnets(cloud, count)))
                before = cloud.world.calls()
                seen = await surveying.survey(session, known_of(stack.owned()))
                calls.append(cloud.world.calls() - before)
                _are_exactly(f"{count} subnets", seen, stack.owned())
            assert calls[0] == calls[1], f"1 subnet took {calls[0]} calls, 9 subnets took {calls[1]}"

        _told(cloud, story)

    def test_a_kind_that_could_not_be_read_is_told_and_the_others_are_sighted(self, cloud: CloudUnderTest) -> None:
        async def story(session: Session, surveying: Surveying) -> None:
            stack = stack_of(cloud, session, cloud.network.name)
            await stack.apply(await graph_of(cloud, session, None))
            cloud.world.fail_next_call(Fault.ERROR_BEFORE)
            try:
                seen = await surveying.survey(session, known_of(stack.owned()))
            finally:
                cloud.world.heal()
            for kind, why in seen.unread.items():
                assert fit_for_users(ProviderError(why)), f"{kind}: {why!r}"
                assert cloud.provider.driver(kind).kind == kind
            readable = [item for item in stack.owned() if item.node.kind not in seen.unread]
            assert readable, f"one refused call made everything unreadable: {seen.unread}"
            read = tuple(item for item in seen.sightings if item.kind not in seen.unread)
            _are_exactly(f"without {sorted(seen.unread)}", Survey(read), readable)

        _told(cloud, story)

    def test_a_survey_with_a_revoked_credential_is_raised(self, cloud: CloudUnderTest) -> None:
        if not isinstance(cloud.provider, Surveying):
            return
        surveying = cloud.provider
        cloud.world.reset()
        with pytest.raises(AuthenticationFailed):
            run(cloud, lambda session: surveying.survey(session, {}), cloud.wrong_credential)


def known_of(items: Iterable[Standing]) -> dict[str, Sequence[Known]]:
    """What rows would say of these."""
    return _by_kind(Known(item.node.kind, item.external_id, item.spec) for item in items)


def _by_kind(items: Iterable[Known]) -> dict[str, Sequence[Known]]:
    known: dict[str, list[Known]] = {}
    for item in items:
        known.setdefault(item.kind, []).append(item)
    return {kind: tuple(of_kind) for kind, of_kind in known.items()}


def _told(cloud: CloudUnderTest, story: Looked) -> None:
    """Run a story on an empty cloud, if the provider offers surveys."""
    if not isinstance(cloud.provider, Surveying):
        return
    surveying = cloud.provider
    cloud.world.reset()
    run(cloud, lambda session: story(session, surveying))


def _ids(seen: Survey) -> set[str]:
    return {item.external_id for item in seen.sightings}


def _are_exactly(subject: str, seen: Survey, standing: Sequence[Standing]) -> None:
    """Each that stands is sighted once, with its own mark, and nothing else is."""
    wanted = {(item.node.kind, item.external_id): item for item in standing}
    sighted: dict[tuple[str, str], Sighting] = {}
    for item in seen.sightings:
        key = (item.kind, item.external_id)
        assert key not in sighted, f"{subject}: {key} was sighted twice"
        sighted[key] = item
    assert not wanted.keys() - sighted.keys(), f"{subject}: not sighted: {sorted(wanted.keys() - sighted.keys())}"
    assert not sighted.keys() - wanted.keys(), f"{subject}: too much: {sorted(sighted.keys() - wanted.keys())}"
    for key, stands in wanted.items():
        owner = sighted[key].owner
        assert owner is not None, f"{subject}: {key} was sighted without its owner"
        assert owner.resource_id == stands.mark.resource_id, f"{subject}: {key} has the owner of another"
        assert owner.stack_id in (None, stands.mark.stack_id), f"{subject}: {key} has the stack of another"
        assert owner.proof, f"{subject}: nothing proves whose {key} is"


async def _observed_alike(subject: str, stack: Stack, seen: Survey) -> None:
    standing = {(item.node.kind, item.external_id): item for item in stack.owned()}
    shown = [item for item in seen.sightings if item.observed is not None]
    assert len(shown) * 2 > len(seen.sightings), f"{subject}: most were sighted without what the driver observes"
    for item in shown:
        node = standing[item.kind, item.external_id]
        observed = await stack.driver(node).observe(stack.session, node.external_id, node.spec)
        assert item.observed == observed, f"{subject}: {node.node.key}: {item.observed} is not {observed}"


async def _known_decoys(stack: Stack, decoys: frozenset[str]) -> list[Known]:
    network = stack.standing["network"]
    shown = [decoy for decoy in sorted(decoys) if await _is_shown(stack, network, decoy)]
    return [Known(network.node.kind, decoy, network.spec) for decoy in shown]


async def _is_shown(stack: Stack, like: Standing, decoy: str) -> bool:
    try:
        seen = await stack.driver(like).observe(stack.session, decoy, _renamed(like.spec, decoy))
    except ProviderError:
        return False  # an id of another kind
    return seen is not None and seen.external_id == decoy


def _renamed(spec: JsonObject, name: str) -> JsonObject:
    return {**spec, "name": name}


def _with_subnets(cloud: CloudUnderTest, count: int) -> NetworkSpec:
    blocks = ipaddress.ip_network(cloud.network.cidr_block).subnets(new_prefix=24)
    zone = cloud.provider.zones(cloud.region)[0]
    subnets = tuple(SubnetSpec(f"s{number}", str(next(blocks)), zone) for number in range(count))
    return replace(cloud.network, carve=False, subnets=subnets)
