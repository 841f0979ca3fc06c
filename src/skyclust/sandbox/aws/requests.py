"""One AWS request as any of the three wire protocols carries it. Called by the front.

Invariant: parsing never fails on a client's nonsense; what cannot be known is an empty string.
"""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

READ_PREFIXES = ("Describe", "List", "Get", "Lookup", "Simulate", "Search", "BatchGet")


@dataclass(frozen=True)
class AwsRequest:
    method: str
    path: str  # as sent, still percent-encoded
    query: str
    headers: dict[str, str]
    body: bytes
    access_key: str = ""
    region: str = ""
    service: str = ""
    operation: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)

    def is_read(self) -> bool:
        return self.operation.startswith(READ_PREFIXES)


def parse_request(method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> AwsRequest:
    access_key, region, service = _scope(headers, query)
    parameters: dict[str, Any] = {}
    operation = ""
    if target := headers.get("x-amz-target", ""):
        operation = target.rpartition(".")[2]
        parameters = _json(body)
    elif service != "eks":
        parameters = dict(parse_qsl(query, keep_blank_values=True))
        parameters |= dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        operation = str(parameters.get("Action", ""))
    return AwsRequest(method, path, query, headers, body, access_key, region, service, operation, parameters)


def _scope(headers: dict[str, str], query: str) -> tuple[str, str, str]:
    """(access key, region, service) from the SigV4 credential scope of the header or of a presigned URL."""
    _, found, rest = headers.get("authorization", "").partition("Credential=")
    scope = rest.split(",")[0] if found else dict(parse_qsl(query)).get("X-Amz-Credential", "")
    parts = scope.strip().split("/")
    if len(parts) != 5:
        return "", "", ""
    return parts[0], parts[2], {"elasticloadbalancing": "elbv2"}.get(parts[3], parts[3])


def _json(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body or b"{}")
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
