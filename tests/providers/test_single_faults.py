"""Fail the N-th call, against real sandboxes: a sample of what `python -m soak nth` does in full.

Every mutating call of every blueprint loses its reply, several in one run; other calls and ways are drawn by a seed that
changes every day, or is given in SKYCLUST_NTH_SEED. A failure prints the command that repeats it.
"""

import asyncio
import os
import time

import pytest

from skyclust.contract.errors import Ambiguous
from skyclust.providers.aws.drivers.ec2 import Ec2Driver
from skyclust.providers.aws.sessions import AwsSession
from soak.single_faults.points import Call, Point, calls_of, is_read, parse_point, runs_of
from soak.single_faults.running import Lane
from soak.single_faults.stories import PLACES
from soak.single_faults.sweep import COMMAND, chosen_stories, sample, sweep

SPEED = 5000.0
SEED = int(os.environ.get("SKYCLUST_NTH_SEED") or time.time() // 86_400)
BLUEPRINTS = [(place.provider, story.name) for place, story in chosen_stories(None, None)]


@pytest.fixture(scope="session")
def lane_of(start_sandbox):
    """A lane of a cloud; one sandbox serves all clouds, one after the other."""
    sandbox, made = start_sandbox(speed=SPEED), {}

    def lane(provider: str) -> Lane:
        return made.setdefault(provider, Lane(PLACES[provider], sandbox))

    return lane


@pytest.mark.parametrize(("provider", "blueprint"), BLUEPRINTS)
def test_whichever_call_goes_wrong_all_is_made_once_and_all_goes(lane_of, provider, blueprint):
    lane = lane_of(provider)
    figures = asyncio.run(sweep([lane], lane.place.story(blueprint), sample(SEED)))
    again = f"{COMMAND.format(figures)} --sample {SEED}"
    assert not figures.failures, "\n".join([*figures.failures, "the whole sample:", again])
    assert figures.fired > figures.mutating * 0.9, (figures.line(), again)


def told_with_lost_replies(lane, blueprint, *calls):
    """A run in which the replies to these creating calls are lost, as judged by one in which none is."""
    points = [Point(Call("create", call, 1), "lost_reply") for call in calls]

    async def both():
        story = lane.place.story(blueprint)
        return await lane.tell(story, points, await lane.tell(story))

    return asyncio.run(both())


def test_an_sdk_that_repeats_a_call_whose_reply_is_lost_is_caught(lane_of, monkeypatch):
    once = AwsSession._once

    async def stubborn(session, service, method, operation, parameters, *, mutating):
        try:
            return await once(session, service, method, operation, parameters, mutating=mutating)
        except Ambiguous:
            return await once(session, service, method, operation, parameters, mutating=mutating)

    monkeypatch.setattr(AwsSession, "_once", stubborn)
    told = told_with_lost_replies(lane_of("aws"), "network-public", "ec2.CreateVpc")
    assert "create: vpc of network: 2 instead of 1" in told.violations


def test_a_driver_that_believes_at_once_that_nothing_was_made_is_caught(lane_of, monkeypatch):
    monkeypatch.setattr(Ec2Driver, "consistency_window_seconds", 0.0)
    quick = lane_of("aws")
    late = Lane(quick.place, quick.sandbox, lag=2000)
    told = told_with_lost_replies(late, "network-public", "ec2.CreateVpc")
    assert any("vpc of network: 2" in sentence for sentence in told.violations), told.violations


def test_a_deletion_that_forgets_something_is_caught(lane_of, monkeypatch):
    lane, forgotten = lane_of("aws"), set()
    kind = type(lane.provider.driver("aws.ec2.elastic_ip"))
    observe = kind.observe

    async def forget(driver, session, external_id, spec, mark):
        forgotten.add(external_id)

    async def see(driver, session, external_id, spec):
        return None if external_id in forgotten else await observe(driver, session, external_id, spec)

    monkeypatch.setattr(kind, "delete", forget)
    monkeypatch.setattr(kind, "observe", see)
    told = asyncio.run(lane.tell(lane.place.story("network-private")))
    (left,) = told.violations
    assert left.startswith(f"delete: address {forgotten.pop()}"), left


def test_a_point_is_repeated_from_its_text():
    point = Point(Call("delete", "compute.routers.delete", 2), "throttle")
    assert str(point) == "delete:compute.routers.delete#2:throttle"
    assert parse_point(str(point)) == point
    with pytest.raises(ValueError, match="phase:operation#number:mode"):
        parse_point("delete:compute.routers.delete:throttle")


def test_every_change_is_failed_and_of_reads_that_repeat_the_first_two():
    recorded = {"create": ["ec2.CreateSubnet", *["ec2.DescribeSubnets"] * 5, "ec2.CreateSubnet"], "delete": ["x.get"]}
    assert [(call.operation, call.occurrence) for call in calls_of(recorded)] == [
        ("ec2.CreateSubnet", 1), ("ec2.DescribeSubnets", 1), ("ec2.DescribeSubnets", 2), ("ec2.CreateSubnet", 2),
        ("x.get", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("operation", "read"),
    [
        ("ec2.DescribeVpcs", True), ("iam.GetRole", True), ("iam.ListRolePolicies", True), ("ec2.CreateVpc", False),
        ("compute.networks.get", True), ("compute.forwardingRules.aggregatedList", True), ("oauth2.token", True),
        ("cloudresourcemanager.projects.getIamPolicy", True), ("compute.networks.insert", False),
        ("cloudresourcemanager.projects.setIamPolicy", False), ("eks.UpdateNodegroupConfig", False),
        ("elasticloadbalancing.DetachLoadBalancers", False), ("container.projects.locations.clusters.delete", False),
        ("Microsoft.Network/natGateways/read", True), ("Microsoft.Network/natGateways/write", False),
        ("Microsoft.ContainerService/managedClusters/listClusterUserCredential/action", True),
        ("Microsoft.ContainerService/managedClusters/agentPools/delete", False),
    ],
)  # fmt: skip
def test_reads_are_told_from_changes(operation, read):
    assert is_read(operation) is read


def test_a_run_has_at_most_one_point_of_each_phase():
    points = [Point(Call(phase, "x.Create", n), "throttle") for phase in ("create", "delete") for n in (1, 2, 3)]
    runs = runs_of(points[:-1])
    assert [[point.call.phase for point in run] for run in runs] == [
        ["create", "delete"],
        ["create", "delete"],
        ["create"],
    ]
