"""Rules 1 to 5 and 12: one resource per mark, absence is None, the spec is reached, marks stay, access is clean.

Each test judges the recorded lives of all stacks (life.py); a message starts with the stack and the node.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from skyclust.contract.conformance.life import Life, live
from skyclust.contract.conformance.running import opened, specs_by_subject
from skyclust.contract.conformance.under_test import CloudUnderTest
from skyclust.contract.hibernation import Hibernating
from skyclust.contract.resources import Phase

#: A token for a cluster may be stolen; this is as long as it may be of use.
LONGEST_TOKEN = timedelta(hours=2)


class LifeRules:
    """Rules judged on complete lives of a network and of a cluster of each mode."""

    @pytest.fixture(scope="class")
    @classmethod
    def lives(cls, cloud: CloudUnderTest) -> Sequence[Life]:
        """Every stack from creation to deletion."""

        async def story() -> list[Life]:
            async with opened(cloud) as session:
                return [await live(cloud, session, *subject) for subject in specs_by_subject(cloud)]

        return asyncio.run(story())

    def test_what_was_never_created_is_not_found(self, lives: Sequence[Life]) -> None:
        wrong = {f"{life.subject}: {key}": seen for life in lives for key, seen in life.found_before.items() if seen}
        assert not wrong, f"found before it was created: {wrong}"

    def test_creating_twice_makes_one_resource(self, lives: Sequence[Life]) -> None:
        for life in lives:
            for key, (first, second) in life.created.items():
                assert first == second, f"{life.subject}: {key}: the second create answered another id"
                once, twice = life.copies[key]
                assert once == twice, f"{life.subject}: {key}: the second create made more: {once} -> {twice}"

    def test_what_was_created_is_found_by_its_mark(self, lives: Sequence[Life]) -> None:
        for life in lives:
            assert life.found == life.ids, life.subject

    def test_the_cloud_itself_shows_the_mark(self, lives: Sequence[Life]) -> None:
        """Something of every stack, the network and the cluster at least, carries its mark in the cloud's own books."""
        for life in lives:
            key = "network" if life.subject == "network" else "cluster"
            assert life.marked[key].total() == 1, f"{life.subject}: {key} is marked on {life.marked[key]}"

    def test_a_ready_resource_has_an_id_among_its_outputs(self, lives: Sequence[Life]) -> None:
        for life in lives:
            for key, outputs in life.outputs.items():
                assert outputs.get("id"), f"{life.subject}: {key} has outputs {sorted(outputs)}"

    def test_a_second_plan_is_empty_after_apply(self, lives: Sequence[Life]) -> None:
        for life in lives:
            assert not any(life.second_plan.values()), f"{life.subject}: {life.second_plan}"

    def test_hibernation_is_offered_exactly_when_declared(self, cloud: CloudUnderTest) -> None:
        assert isinstance(cloud.provider, Hibernating) == ("hibernation" in cloud.provider.capabilities)

    def test_a_hibernated_cluster_is_as_wanted_and_its_empty_pools_cost_nothing(self, lives: Sequence[Life]) -> None:
        for life in lives:
            assert not any(life.asleep.values()), f"{life.subject}: {life.asleep}"
            assert not any(life.asleep_usd.values()), f"{life.subject}: {life.asleep_usd}"

    def test_a_cluster_that_woke_is_what_it_was(self, lives: Sequence[Life]) -> None:
        for life in lives:
            assert not any(life.awake.values()), f"{life.subject}: {life.awake}"

    def test_surge_settings_are_taken_at_creation_and_changed_in_place(
        self, cloud: CloudUnderTest, lives: Sequence[Life]
    ) -> None:
        """Where they are declared; elsewhere nothing of them is seen."""
        wanted = ["1", "2"] if "node_pools.surge" in cloud.provider.capabilities else [None]
        with_pools = [life for life in lives if life.surge]
        assert with_pools, "no stack has node pools"
        for life in with_pools:
            assert [seen.get("max_unavailable") if seen else None for seen in life.surge] == wanted, life.surge

    def test_marks_survive_updates_and_stay_findable(self, lives: Sequence[Life]) -> None:
        for life in lives:
            assert life.found_after_update == life.ids, life.subject
            assert life.marked_after_update == life.marked, life.subject

    def test_another_mark_finds_nothing_and_deletes_nothing(self, lives: Sequence[Life]) -> None:
        for life in lives:
            found = {key: seen for key, seen in life.found_by_stranger.items() if seen is not None}
            assert not found, f"{life.subject}: found by a stranger: {found}"
            assert not life.lost_to_stranger, f"{life.subject}: deleted by a stranger: {life.lost_to_stranger}"

    def test_the_absent_is_observed_as_none(self, lives: Sequence[Life]) -> None:
        for life in lives:
            seen = {key: item for key, item in life.observed_after.items() if item is not None}
            assert not seen, f"{life.subject}: still observed: {seen}"
            found = {key: item for key, item in life.found_after.items() if item and item.phase is not Phase.DELETING}
            assert not found, f"{life.subject}: still found: {found}"

    def test_deletion_leaves_nothing_behind(self, lives: Sequence[Life]) -> None:
        for life in lives:
            assert life.left == (), f"{life.subject} left {[(item.kind, item.id) for item in life.left]}"

    def test_a_kubeconfig_needs_no_static_secret(self, cloud: CloudUnderTest, lives: Sequence[Life]) -> None:
        for life in lives:
            if life.access is None or life.token is None:
                continue
            assert life.access.endpoint.startswith("https://"), life.access
            assert b"BEGIN CERTIFICATE" in base64.b64decode(life.access.ca_data, validate=True)
            assert not any(secret in repr(life.access) for secret in cloud.secrets())
            if life.access.user_exec is not None:
                assert life.access.user_exec.get("command"), life.access.user_exec
                assert life.access.user_exec.get("apiVersion", "").startswith("client.authentication.k8s.io/")

    def test_a_kube_token_is_short_lived_and_does_not_show(self, lives: Sequence[Life]) -> None:
        tokens = [life.token for life in lives if life.token is not None]
        assert tokens, "no cluster gave a token"
        for token in tokens:
            assert token.token
            assert token.token not in repr(token)
            assert token.expires_at - datetime.now(UTC) < LONGEST_TOKEN
