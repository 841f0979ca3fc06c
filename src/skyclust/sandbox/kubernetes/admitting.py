"""Decide whether a document may be stored as an object, and what of it. Called by the verbs before they write.

Decoding, strict field validation, names, required fields, and the rules of single kinds; raises `ApiError`.
"""

import re
from typing import Any

from skyclust.sandbox.kubernetes.cluster import Cluster
from skyclust.sandbox.kubernetes.kind_rules import changed_causes, kind_causes
from skyclust.sandbox.kubernetes.requests import Options, Target
from skyclust.sandbox.kubernetes.resources import Resource
from skyclust.sandbox.kubernetes.schemas import shape_of_kind
from skyclust.sandbox.kubernetes.statuses import Cause, bad_request, forbidden, invalid, not_found
from skyclust.sandbox.kubernetes.validating import WrongTypeError, decode, missing

Document = dict[str, Any]

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = re.compile(rf"^{_LABEL}(\.{_LABEL})*$")
_LABEL_VALUE = re.compile(r"^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$")
_SUBDOMAIN_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    r"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_VALUE_RULE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
_FREE_NAMES = frozenset({"clusterroles.rbac.authorization.k8s.io", "clusterrolebindings.rbac.authorization.k8s.io"})
_FREE_NAMES |= {"roles.rbac.authorization.k8s.io", "rolebindings.rbac.authorization.k8s.io"}


def decode_body(resource: Resource, body: Any, options: Options) -> tuple[Document, list[str]]:
    """(the document without unknown fields, warnings); 400 when it is no object of this kind."""
    if not isinstance(body, dict):
        raise bad_request("the object provided is unrecognized (must be of type Object)")
    api_version, kind = body.get("apiVersion", resource.api_version), body.get("kind", resource.kind)
    if api_version != resource.api_version:
        raise bad_request(
            f"the API version in the data ({api_version}) does not match the expected API version "
            f"({resource.api_version})"
        )
    if kind != resource.kind:
        raise bad_request(f"the kind in the data ({kind}) does not match the expected kind ({resource.kind})")
    prefix = f'{kind} in version "{resource.version}" cannot be handled as a {kind}'
    try:
        decoded = decode(body, shape_of_kind(api_version, kind))
    except WrongTypeError as wrong:
        raise bad_request(f"{prefix}: {wrong}") from wrong
    problems = [f'unknown field "{path}"' for path in decoded.unknown]
    if problems and options.field_validation == "Strict":
        raise bad_request(f"{prefix}: strict decoding error: {', '.join(problems)}")
    return decoded.document, problems if options.field_validation == "Warn" else []


def place(cluster: Cluster, target: Target, document: Document) -> Document:
    """The document in the namespace of its path; 404 when that does not exist, 403 when it is going away."""
    metadata = dict(document.get("metadata") or {})
    if not target.resource.namespaced:
        metadata.pop("namespace", None)
        return {**document, "metadata": metadata}
    if metadata.get("namespace", target.namespace) != target.namespace:
        raise bad_request("the namespace of the provided object does not match the namespace sent on the request")
    metadata["namespace"] = target.namespace
    namespace = cluster.objects.get("namespaces", "", target.namespace)
    if namespace is None:
        raise not_found(cluster.resource("", "Namespace"), target.namespace)
    if namespace["metadata"].get("deletionTimestamp"):
        why = f"unable to create new content in namespace {target.namespace} because it is being terminated"
        raise forbidden(target.resource, metadata.get("name", ""), why)
    return {**document, "metadata": metadata}


def check(resource: Resource, document: Document, before: Document | None) -> None:
    """422 with every cause at once."""
    metadata = document["metadata"]
    causes = [*_metadata_causes(resource, metadata)]
    causes += missing(document, shape_of_kind(resource.api_version, resource.kind))
    if not causes:
        causes += kind_causes(resource, document)
    if before is not None:
        causes += changed_causes(resource, before, document)
    if causes:
        raise invalid(resource, metadata.get("name", ""), causes)


def _metadata_causes(resource: Resource, metadata: Document) -> list[Cause]:
    name = metadata.get("name", "")
    if not name:
        return [Cause("metadata.name", "Required value: name or generateName is required", "FieldValueRequired")]
    causes = []
    if resource.qualified not in _FREE_NAMES and (len(name) > 253 or not _SUBDOMAIN.match(name)):
        causes.append(Cause("metadata.name", f'Invalid value: "{name}": {_SUBDOMAIN_RULE}'))
    wrong = [v for v in (metadata.get("labels") or {}).values() if len(v) > 63 or not _LABEL_VALUE.match(v)]
    return [*causes, *(Cause("metadata.labels", f'Invalid value: "{value}": {_VALUE_RULE}') for value in wrong)]
