"""Read objects that clients send as protobuf: kubectl's `create` and `auth can-i` do. Pure.

Called by the front for `application/vnd.kubernetes.protobuf`; replies are always JSON, which every client accepts.
Field numbers are in `schema.json`. Source of the envelope:
https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding
"""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from skyclust.sandbox.kubernetes import schemas
from skyclust.sandbox.kubernetes.schemas import ANY, Shape

Document = dict[str, Any]

MEDIA_TYPE = "application/vnd.kubernetes.protobuf"
MAGIC = b"k8s\x00"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Go writes plain numbers and flags even when they are zero; only of these does a zero mean that somebody said so
KEEPS_ZERO = frozenset(
    {"replicas", "parallelism", "completions", "backoffLimit", "ttlSecondsAfterFinished", "partition", "minReplicas",
     "gracePeriodSeconds", "terminationGracePeriodSeconds", "activeDeadlineSeconds", "tolerationSeconds", "runAsUser",
     "runAsGroup", "fsGroup", "revisionHistoryLimit", "automountServiceAccountToken", "allowPrivilegeEscalation",
     "orphanDependents", "successfulJobsHistoryLimit", "failedJobsHistoryLimit", "enableServiceLinks"}
)  # fmt: skip


def decode(raw: bytes) -> Document:
    """The object in its JSON form; ValueError when these bytes are none."""
    if not raw.startswith(MAGIC):
        raise ValueError("the body does not start as Kubernetes' protobuf does")
    envelope = dict(_fields(raw[len(MAGIC) :]))
    meta = dict(_fields(envelope[1]))
    api_version, kind = meta[1].decode(), meta[2].decode()
    shape = schemas.shape_of_type_meta(api_version, kind)
    return {"apiVersion": api_version, "kind": kind, **_message(envelope.get(2, b""), shape.word, shape.word)}


def _fields(raw: bytes) -> Iterator[tuple[int, Any]]:
    """(number, value): bytes for what has a length, an int for the rest."""
    position = 0
    while position < len(raw):
        tag, position = _varint(raw, position)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            value, position = _varint(raw, position)
            yield number, value
            continue
        length, position = _varint(raw, position) if wire == 2 else ({1: 8, 5: 4}[wire], position)
        if position + length > len(raw):
            raise ValueError("the protobuf body ends too early")
        yield number, raw[position : position + length]
        position += length


def _varint(raw: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = raw[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value, position
        shift += 7


def _message(raw: bytes, type_name: str, wire_name: str) -> Document:
    """`wire_name` differs from `type_name` where a Go struct is embedded: its fields stand in the outer object."""
    numbers = schemas.wire_fields(wire_name)
    known = schemas.fields(type_name)
    result: Document = {}
    for number, value in _fields(raw):
        name, embedded = numbers.get(number, ("", ""))
        if embedded:
            result |= _message(value, type_name, embedded)
        elif name in known:
            _put(result, name, value, known[name])
    return result


def _put(result: Document, name: str, value: Any, shape: Shape) -> None:
    if shape.is_list:
        result.setdefault(name, []).append(_value(value, shape.item or ANY))
    elif shape.is_map:
        entry = dict(_fields(value))
        result.setdefault(name, {})[entry.get(1, b"").decode()] = _value(entry.get(2, b""), shape.item or ANY)
    else:
        read = _value(value, shape)
        if read or name in KEEPS_ZERO or (shape.is_object and value):
            result[name] = read


def _value(value: Any, shape: Shape) -> Any:
    if shape.is_object:
        return _message(value, shape.word, shape.word)
    if shape.word == "boolean":
        return bool(value)
    if shape.word == "integer":
        return value - (1 << 64) if value >> 63 else value
    if shape.word == "date-time":
        return _time(value)
    if shape.word == "byte":
        return base64.b64encode(value).decode()
    if shape.word == "int-or-string":
        parts = dict(_fields(value))
        return parts.get(3, b"").decode() if parts.get(1) else parts.get(2, 0)
    if shape.word == "any":
        return _opaque(value)
    return value.decode() if isinstance(value, bytes) else value


def _opaque(value: bytes) -> Any:
    """A quantity, which is a text, or raw JSON: both one field in a message."""
    inner = dict(_fields(value)).get(1, b"")
    text = inner.decode()
    return json.loads(text) if text.startswith(("{", "[")) else text


def _time(value: bytes) -> str | None:
    parts = dict(_fields(value))
    if not parts.get(1):
        return None
    moment = EPOCH + timedelta(seconds=parts[1], microseconds=parts.get(2, 0) // 1000)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ" if parts.get(2) else "%Y-%m-%dT%H:%M:%SZ")
