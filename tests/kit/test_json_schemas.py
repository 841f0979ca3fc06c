"""Errors of a provider's schema: each with its pointer, none repeating what was sent."""

import pytest

from skyclust.kit.json_schemas import schema_errors

KEYS = {"type": "object", "required": ["access_key"], "properties": {"access_key": {"type": "string"}}}
ROLE = {"type": "object", "required": ["role_arn"], "properties": {"role_arn": {"type": "string"}}}
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "minLength": 2, "maxLength": 4, "pattern": "^[a-z]+$"},
        "size": {"type": "integer", "minimum": 1, "maximum": 9},
        "mode": {"enum": ["on", "off"]},
        "kind": {"const": "service_account"},
        "list": {"type": "array", "maxItems": 2, "items": {"type": "string"}},
        "any": {"type": ["string", "null"]},
    },
}


@pytest.mark.parametrize(
    ("value", "pointers"),
    [
        ({"name": "abc", "size": 9, "mode": "on", "kind": "service_account", "list": ["x"], "any": None}, []),
        ([], ["/d"]),
        ({}, ["/d/name"]),
        ({"name": "a"}, ["/d/name"]),
        ({"name": "abcde"}, ["/d/name"]),
        ({"name": "AB"}, ["/d/name"]),
        ({"name": "abc", "size": 0}, ["/d/size"]),
        ({"name": "abc", "size": 10}, ["/d/size"]),
        ({"name": "abc", "size": True}, ["/d/size"]),
        ({"name": "abc", "mode": "ON"}, ["/d/mode"]),
        ({"name": "abc", "kind": "user"}, ["/d/kind"]),
        ({"name": "abc", "list": ["a", "b", "c"]}, ["/d/list"]),
        ({"name": "abc", "list": ["a", 1]}, ["/d/list/1"]),
        ({"name": "abc", "nam/e": 1}, ["/d/nam~1e"]),
    ],
)
def test_each_fault_has_its_pointer(value, pointers):
    assert [error.pointer for error in schema_errors(SCHEMA, value, "/d")] == pointers


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf"])
def test_of_several_shapes_the_closest_is_explained(keyword):
    schema = {keyword: [KEYS | {"required": ["access_key", "secret_key"]}, ROLE]}
    assert list(schema_errors(schema, {"role_arn": "r"}, "")) == []
    assert [error.pointer for error in schema_errors(schema, {"role_arn": 1}, "")] == ["/role_arn"]


def test_one_of_refuses_what_fits_twice_and_any_of_does_not():
    both = {"access_key": "a", "role_arn": "r"}
    assert [error.pointer for error in schema_errors({"oneOf": [KEYS, ROLE]}, both, "/data")] == ["/data"]
    assert list(schema_errors({"anyOf": [KEYS, ROLE]}, both, "/data")) == []


def test_no_error_repeats_a_value():
    secret = "canary-value"
    errors = list(schema_errors(SCHEMA, {"name": secret, "size": secret, "mode": secret, "kind": secret}, ""))
    assert len(errors) >= 4
    assert all(secret not in error.detail for error in errors)
