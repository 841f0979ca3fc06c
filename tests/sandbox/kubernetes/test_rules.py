"""The pure parts: patches, selectors, schedules, field paths, quantities, protobuf."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from skyclust.sandbox.kubernetes import protobuf
from skyclust.sandbox.kubernetes.cells import human_duration
from skyclust.sandbox.kubernetes.cron import next_after, parse_schedule
from skyclust.sandbox.kubernetes.field_paths import from_fields, paths_of, to_fields, without
from skyclust.sandbox.kubernetes.patching import apply_json_patch, apply_merge_patch, apply_strategic_patch
from skyclust.sandbox.kubernetes.quantities import parse_quantity
from skyclust.sandbox.kubernetes.resources import RESOURCES
from skyclust.sandbox.kubernetes.schemas import shape_of_kind
from skyclust.sandbox.kubernetes.selectors import parse_labels
from skyclust.sandbox.kubernetes.statuses import ApiError

POD = shape_of_kind("v1", "Pod")


def pod(*containers: dict) -> dict:
    return {"spec": {"containers": list(containers)}}


class TestPatches:
    def test_a_strategic_patch_merges_lists_by_key(self):
        held = pod({"name": "a", "image": "x:1", "env": [{"name": "E", "value": "1"}]}, {"name": "b", "image": "y:1"})
        change = pod({"name": "a", "image": "x:2"}, {"name": "b", "$patch": "delete"}, {"name": "c", "image": "z:1"})
        merged = apply_strategic_patch(held, change, POD)
        assert merged == pod(
            {"name": "a", "image": "x:2", "env": [{"name": "E", "value": "1"}]}, {"name": "c", "image": "z:1"}
        )
        assert held["spec"]["containers"][0]["image"] == "x:1"

    def test_a_strategic_patch_obeys_its_directives(self):
        held = {"metadata": {"finalizers": ["a", "b"]}, **pod({"name": "a"}, {"name": "b"})}
        change = {
            "metadata": {"$deleteFromPrimitiveList/finalizers": ["a"]},
            "spec": {"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}]},
        }
        merged = apply_strategic_patch(held, change, POD)
        assert merged["metadata"]["finalizers"] == ["b"]
        assert [c["name"] for c in merged["spec"]["containers"]] == ["b", "a"]
        assert apply_strategic_patch({"a": 1, "b": 2}, {"$patch": "replace", "c": 3}, POD) == {"c": 3}

    def test_a_strategic_patch_keeps_only_what_it_retains(self):
        shape = shape_of_kind("apps/v1", "Deployment")
        held = {"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}}
        change = {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}}
        assert apply_strategic_patch(held, change, shape) == {"spec": {"strategy": {"type": "Recreate"}}}

    def test_a_merge_patch_takes_nulls_away(self):
        assert apply_merge_patch({"a": {"b": 1, "c": 2}, "d": [1]}, {"a": {"b": None}, "d": [2]}) == {
            "a": {"c": 2},
            "d": [2],
        }

    def test_json_patches_do_all_operations(self):
        done = apply_json_patch(
            {"a": [1, 3], "x/y": {"k": 1}},
            [
                {"op": "add", "path": "/a/1", "value": 2},
                {"op": "add", "path": "/a/-", "value": 4},
                {"op": "copy", "from": "/x~1y/k", "path": "/n"},
                {"op": "move", "from": "/x~1y", "path": "/m"},
                {"op": "replace", "path": "/m/k", "value": 9},
                {"op": "remove", "path": "/a/0"},
                {"op": "test", "path": "/m/k", "value": 9},
            ],
        )
        assert done == {"a": [2, 3, 4], "m": {"k": 9}, "n": 1}

    @pytest.mark.parametrize(
        "operation", [{"op": "remove", "path": "/no"}, {"op": "sing", "path": "/a"}, {"path": "/a"}]
    )
    def test_json_patches_that_do_not_apply_are_refused(self, operation):
        with pytest.raises(ApiError) as refused:
            apply_json_patch({"a": 1}, [operation])
        assert refused.value.code == 422


@pytest.mark.parametrize(
    ("text", "labels", "matches"),
    [
        ("", {}, True),
        ("a=1", {"a": "1"}, True),
        ("a==1,b", {"a": "1", "b": ""}, True),
        ("!a", {"a": "1"}, False),
        ("a!=1", {}, True),
        ("a in (1, 2)", {"a": "2"}, True),
        ("a notin (1,2)", {"a": "2"}, False),
        ("a notin (1,2)", {}, True),
        ("a>3", {"a": "4"}, True),
        ("a<3", {"a": "x"}, False),
    ],
)
def test_label_selectors_match(text, labels, matches):
    assert parse_labels(text)(labels) is matches


def test_a_selector_that_is_none_is_refused():
    with pytest.raises(ApiError):
        parse_labels("a b c")


@pytest.mark.parametrize(
    ("schedule", "after", "due"),
    [
        ("*/15 * * * *", "2026-03-01T10:07:30", "2026-03-01T10:15:00"),
        ("0 0 29 2 *", "2026-03-01T00:00:00", "2028-02-29T00:00:00"),
        ("30 6 * * mon-fri", "2026-03-06T07:00:00", "2026-03-09T06:30:00"),
        ("0 12 13 * 5", "2026-03-01T00:00:00", "2026-03-06T12:00:00"),
        ("@hourly", "2026-12-31T23:00:00", "2027-01-01T00:00:00"),
        ("0 0 31 2 *", "2026-03-01T00:00:00", None),
    ],
)
def test_schedules_are_due(schedule, after, due):
    found = next_after(schedule, datetime.fromisoformat(after).replace(tzinfo=UTC))
    assert found == (datetime.fromisoformat(due).replace(tzinfo=UTC) if due else None)


@pytest.mark.parametrize("schedule", ["* * * *", "60 * * * *", "x * * * *", "5-1 * * * *"])
def test_schedules_that_are_none_are_refused(schedule):
    with pytest.raises(ValueError):
        parse_schedule(schedule)


def test_field_paths_name_items_by_their_keys_and_come_back():
    document = pod({"name": "a", "ports": [{"containerPort": 80}]})
    document["metadata"] = {"name": "p", "labels": {"x": "y"}, "finalizers": ["f"]}
    paths = paths_of(document, POD)
    item = ("f:spec", "f:containers", 'k:{"name":"a"}')
    assert (*item, ".") in paths
    assert (*item, "f:ports", 'k:{"containerPort":80,"protocol":"TCP"}', "f:containerPort") in paths
    assert ("f:metadata", "f:finalizers", 'v:"f"') in paths
    assert ("f:metadata", "f:name") not in paths
    assert from_fields(to_fields(paths)) == paths
    assert "ports" not in without(document, (*item, "f:ports", 'k:{"containerPort":80}', "."))["spec"]["containers"][0]


@pytest.mark.parametrize(
    ("text", "amount"),
    [("100m", "0.1"), ("1.5", "1.5"), ("2Gi", 2 * 2**30), ("1e3", 1000), ("64M", 64_000_000), (4, 4)],
)
def test_quantities_are_read(text, amount):
    assert parse_quantity(text) == Decimal(amount)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(5, "5s"), (119, "119s"), (125, "2m5s"), (600, "10m"), (3 * 3600 + 60, "3h1m"), (9 * 3600, "9h"), (3 * 86400, "3d"),
     (400 * 86400, "400d"), (800 * 86400, "2y70d"), (-5, "<invalid>")],
)  # fmt: skip
def test_ages_read_as_kubernetes_writes_them(seconds, text):
    assert human_duration(seconds) == text


def field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2, len(content)]) + content


def test_protobuf_bodies_are_read():
    entry = field(1, b"key") + field(2, b"value")
    metadata = field(1, b"settings") + field(2, b"")
    body = field(1, metadata) + field(2, entry)
    envelope = field(1, field(1, b"v1") + field(2, b"ConfigMap")) + field(2, body)
    assert protobuf.decode(b"k8s\x00" + envelope) == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings"},
        "data": {"key": "value"},
    }


@pytest.mark.parametrize("raw", [b"{}", b"k8s\x00\x0a\x7f"])
def test_protobuf_bodies_that_are_none_are_refused(raw):
    with pytest.raises(ValueError):
        protobuf.decode(raw)


@pytest.mark.parametrize("resource", [r for r in RESOURCES if r.storable], ids=lambda r: r.qualified)
def test_every_stored_kind_has_its_shape(resource):
    assert shape_of_kind(resource.api_version, resource.kind).is_object
