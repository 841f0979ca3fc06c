"""Read the protobuf field numbers of Kubernetes' types out of a kubectl, which carries its own descriptors.

Run by hand together with `schema_extracting.py`, which calls this. Numbers never change once released.
"""

import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2
from google.protobuf.message import DecodeError

GZIP = re.compile(rb"\x1f\x8b\x08")
LONGEST = 2_000_000


def read_wire(kubectl: Path, known: dict[str, Any], short_name: Any) -> dict[str, str]:
    """{type: "field=number ..."} of the types `known`; a field the JSON form does not have carries its type's name,
    since its own fields stand in its place there.
    """
    found = {}
    for prefix, message in _messages(kubectl):
        name = short_name(f"{prefix}.{message.name}")
        if name in known or name in INLINE:
            found[name] = " ".join(_entry(name, field, known, short_name) for field in message.field)
    return dict(sorted(found.items()))


INLINE = frozenset(  # structs that the JSON form knows only by their fields
    f"core.v1.{name}" for name in ("VolumeSource", "PersistentVolumeSource", "ProbeHandler", "EphemeralContainerCommon")
) | {"networking.v1.IngressRuleValue"}


def _entry(name: str, field: Any, known: dict[str, Any], short_name: Any) -> str:
    fields = known.get(name)
    named = isinstance(fields, dict) and (field.name in fields or f"{field.name}!" in fields)
    is_message = field.type == descriptor_pb2.FieldDescriptorProto.TYPE_MESSAGE
    inline = is_message and not named and isinstance(fields, dict)
    return f"{field.name}={field.number}" + (f":{short_name(field.type_name.lstrip('.'))}" if inline else "")


def _messages(kubectl: Path) -> Iterator[tuple[str, Any]]:
    data = kubectl.read_bytes()
    for start in GZIP.finditer(data):
        try:
            raw = zlib.decompressobj(31).decompress(data[start.start() : start.start() + LONGEST])
            described = descriptor_pb2.FileDescriptorProto.FromString(raw)
        except (zlib.error, DecodeError):
            continue
        if described.package.startswith("k8s.io."):
            for message in described.message_type:
                yield described.package, message
