"""The checks of the harness that kills processes find what they are there for: each promise is broken by hand once."""

import pytest

from soak.killing import witness
from soak.killing.witness import Books, Witness

DECOY = {"kind": "vpc", "id": "vpc-foreign", "name": "somebody's", "tags": {}}
OWNER = "0d5d0c33-0000-7000-8000-000000000001"


def vpc(name, owner=OWNER):
    return {"kind": "vpc", "id": name, "name": "", "tags": {"skyclust:resource": owner}}


def row(**changes):
    made = {"id": OWNER, "key": "network", "kind": "aws.ec2.vpc", "state": "ready", "adopted": False}
    return made | {"external_id": "vpc-1"} | changes


class Cloud:
    """A product whose clouds hold `items`."""

    def __init__(self, *items):
        self.items = list(items)

    def control(self, method, path):
        return {"resources": list(self.items)}


@pytest.fixture
def see(monkeypatch):
    """`see(cloud, rows, operations, empty=...)`: what a witness of these finds wrong, at once."""

    def found(items, rows=(), operations=None, *, acknowledged=(), empty=False):
        cloud = Cloud(DECOY)
        books = Books({one["id"]: one for one in rows}, dict(operations or {}))
        monkeypatch.setattr(witness, "read_books", lambda _: books)
        monkeypatch.setattr(witness, "QUIET_SECONDS", 0.0)
        seen = Witness(cloud, "")
        seen.acknowledged |= set(acknowledged)
        cloud.items = list(items)
        try:
            seen.check(empty=empty)
        except AssertionError as wrong:
            return str(wrong)
        return ""

    return found


def test_what_is_as_promised_is_not_complained_of(see):
    assert see([DECOY, vpc("vpc-1")], [row()], {"op": "succeeded"}, acknowledged=["op"]) == ""
    assert see([DECOY], empty=True) == ""


@pytest.mark.parametrize(
    ("complaint", "items", "rows", "operations", "acknowledged", "empty"),
    [
        ("2 of one mark", [DECOY, vpc("vpc-1"), vpc("vpc-2")], [row()], {}, [], False),
        ("owned by nobody", [DECOY, vpc("vpc-1")], [], {}, [], False),
        ("not there", [DECOY], [row()], {}, [], False),
        ("foreign, but touched", [], [], {}, [], False),
        ("foreign, but touched", [DECOY | {"name": "ours now"}], [], {}, [], False),
        ("acknowledged, but lost", [DECOY], [], {}, ["op"], False),
        ("never acknowledged", [DECOY], [], {"op": "succeeded"}, [], False),
        ("never ended", [DECOY], [], {"op": "running"}, ["op"], False),
        ("left in the cloud", [DECOY, {"kind": "eni", "id": "eni-1", "name": "", "tags": {}}], [], {}, [], True),
        ("left in the books", [DECOY], [row(state="deleting")], {}, [], True),
    ],
)
def test_a_broken_promise_is_seen(see, complaint, items, rows, operations, acknowledged, empty):
    assert complaint in see(items, rows, operations, acknowledged=acknowledged, empty=empty)
