"""Check AWS Signature Version 4 of headers and presigned URLs. Called by the front for every request.

Source: "Create a signed AWS API request" of the IAM user guide. Invariant: a wrong secret never passes.
"""

import hashlib
import hmac
from urllib.parse import parse_qsl, quote

from skyclust.sandbox.aws.requests import AwsRequest


def is_signed_with(request: AwsRequest, secret: str) -> bool:
    fields = _header_fields(request) or _query_fields(request)
    if fields is None:
        return False
    scope, signed, given, stamp, payload_hash, query = fields
    headers = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in signed.split(";"))
    path = quote(request.path, safe="/~")  # encoded twice, as every service but S3 wants it
    canonical = "\n".join([request.method, path, _canonical_query(query), headers, signed, payload_hash])
    to_sign = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.compare_digest(hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest(), given)


Fields = tuple[str, str, str, str, str, list[tuple[str, str]]]


def _header_fields(request: AwsRequest) -> Fields | None:
    algorithm, _, rest = request.headers.get("authorization", "").partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(",") if "=" in part)
    if algorithm != "AWS4-HMAC-SHA256" or not {"Credential", "SignedHeaders", "Signature"} <= parts.keys():
        return None
    payload_hash = hashlib.sha256(request.body).hexdigest()
    query = parse_qsl(request.query, keep_blank_values=True)
    scope = parts["Credential"].partition("/")[2]
    stamp = request.headers.get("x-amz-date", "")
    return scope, parts["SignedHeaders"], parts["Signature"], stamp, payload_hash, query


def _query_fields(request: AwsRequest) -> Fields | None:
    query = parse_qsl(request.query, keep_blank_values=True)
    given = dict(query)
    if not {"X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"} <= given.keys():
        return None
    kept = [(name, value) for name, value in query if name != "X-Amz-Signature"]
    scope = given["X-Amz-Credential"].partition("/")[2]
    empty = hashlib.sha256(b"").hexdigest()
    return scope, given["X-Amz-SignedHeaders"], given["X-Amz-Signature"], given["X-Amz-Date"], empty, kept


def _canonical_query(query: list[tuple[str, str]]) -> str:
    return "&".join(sorted(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in query))
