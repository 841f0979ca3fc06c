"""The rules. Add one here with its test; `ALL` is what runs."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from checks.source import Finding, Source

Rule = Callable[[Source], Iterator[Finding]]

MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 60
CLOUDS = {"aws", "gcp", "azure"}
SDKS = {
    "aiobotocore": "aws", "botocore": "aws", "boto3": "aws",
    "googleapiclient": "gcp", "google": "gcp", "google_auth_httplib2": "gcp", "httplib2": "gcp",
    "azure": "azure", "msal": "azure",
}  # fmt: skip
SLICES = {"identity", "workspaces", "credentials", "networks", "clusters", "audit", "operations", "catalogue", "drift"}
#: What a slice shows to the others (architecture.md); everything else of it is its own.
DOORS = {"service", "schemas", "errors", "events", "callers", "permissions", "clouds"}
IMPURE = {
    ("time", "time"), ("time", "monotonic"), ("time", "sleep"), ("datetime", "now"), ("datetime", "utcnow"),
    ("uuid", "uuid4"), ("uuid", "uuid1"), ("random", "random"), ("random", "randint"), ("secrets", "token_hex"),
}  # fmt: skip
HTTP_CLIENTS = {"httpx", "requests", "aiohttp", "urllib3", "urllib.request", "http.client"}
#: Who may open HTTP connections: the command line to our own API, the clusters' Kubernetes API.
HTTP_ALLOWED = ("src/skyclust/entrypoints/", "src/skyclust/clusters/kube.py", "src/skyclust/kit/egress.py")


def cloud_names_stay_in_providers(source: Source) -> Iterator[Finding]:
    """No comparison or match with a cloud's name outside providers and sandbox: ask the provider instead."""
    if source.package in ("", "providers", "sandbox"):
        return
    for node in ast.walk(source.tree):
        names: list[ast.expr] = []
        if isinstance(node, ast.Compare):
            names = [node.left, *node.comparators]
        elif isinstance(node, ast.MatchValue):
            names = [node.value]
        elif isinstance(node, ast.Dict):
            names = [key for key in node.keys if key is not None]
        for name in names:
            for part in ast.walk(name):
                if isinstance(part, ast.Constant) and part.value in CLOUDS:
                    yield Finding(
                        source.path, part.lineno, "cloud-name",
                        f"decides by the name {part.value!r}; move the difference into the provider",
                    )  # fmt: skip


def sdks_stay_in_their_provider(source: Source) -> Iterator[Finding]:
    """A cloud's SDK is imported inside functions of its own provider, never at import time, never elsewhere."""
    if not source.path.startswith("src/") or source.package == "sandbox":
        return
    top_level = {id(node) for node in source.tree.body}
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        module = node.names[0].name if isinstance(node, ast.Import) else node.module or ""
        cloud = SDKS.get(module.partition(".")[0])
        if cloud is None:
            continue
        if not source.path.startswith(f"src/skyclust/providers/{cloud}/"):
            yield Finding(source.path, node.lineno, "sdk-place", f"imports {module}; only providers/{cloud} may")
        elif id(node) in top_level:
            yield Finding(
                source.path, node.lineno, "sdk-lazy", f"imports {module} at import time; import it where used"
            )


def the_engine_takes_time_as_a_parameter(source: Source) -> Iterator[Finding]:
    """Time, randomness and ids reach the engine and the contract as parameters, so that the simulator can replay."""
    if source.package not in ("provisioning", "contract") or "/conformance/" in source.path:
        return
    for node in ast.walk(source.tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and (node.func.value.id, node.func.attr) in IMPURE
        ):
            name = f"{node.func.value.id}.{node.func.attr}"
            yield Finding(source.path, node.lineno, "impure-engine", f"calls {name}(); take it as a parameter")


def slices_meet_at_the_door(source: Source) -> Iterator[Finding]:
    """A slice imports of another slice its service, schemas, errors, events, callers only."""
    if source.package not in SLICES:
        return
    for line, name in source.imports():
        parts = name.split(".")
        if parts[0] != "skyclust" or len(parts) < 3 or parts[1] not in SLICES or parts[1] == source.package:
            continue
        if parts[2] not in DOORS:
            yield Finding(source.path, line, "slice-door", f"imports {name}; use skyclust.{parts[1]}.service")


def queries_stay_in_queries(source: Source) -> Iterator[Finding]:
    """In a slice only queries.py builds statements, so that every tenant filter is in one place."""
    if source.package not in SLICES or source.module == "queries":
        return
    for line, name in source.imports():
        if name in {f"sqlalchemy.{word}" for word in ("select", "insert", "update", "delete", "text")}:
            yield Finding(
                source.path, line, "queries", f"imports {name}; statements live in {source.package}/queries.py"
            )


def sessions_commit_before_the_answer(source: Source) -> Iterator[Finding]:
    """`Depends(get_session)` without scope="function" commits after the answer was sent."""
    for node in ast.walk(source.tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Depends"):
            continue
        depends_on_session = any(isinstance(a, ast.Name) and a.id == "get_session" for a in node.args)
        scope = [k.value for k in node.keywords if k.arg == "scope"]
        right = bool(scope) and isinstance(scope[0], ast.Constant) and scope[0].value == "function"
        if depends_on_session and not right:
            yield Finding(source.path, node.lineno, "commit-first", 'write Depends(get_session, scope="function")')


def http_leaves_through_one_door(source: Source) -> Iterator[Finding]:
    """Nothing opens HTTP connections but the places that are allowed to."""
    if source.package in ("", "sandbox", "providers") or source.path.startswith(HTTP_ALLOWED):
        return
    for line, name in source.imports():
        if any(name == client or name.startswith(client + ".") for client in HTTP_CLIENTS):
            yield Finding(source.path, line, "egress", f"imports {name}; HTTP leaves through {HTTP_ALLOWED[1:]} only")


def modules_say_what_they_are_for(source: Source) -> Iterator[Finding]:
    """Every module opens with its purpose."""
    if source.path.startswith("src/") and source.tree.body and ast.get_docstring(source.tree) is None:
        yield Finding(source.path, 1, "purpose", "has no docstring; say what it is for, who calls it, what must hold")


def files_and_functions_stay_small(source: Source) -> Iterator[Finding]:
    """A file above 500 lines becomes a folder, a function above 60 becomes two."""
    lines = source.text.count("\n")
    if lines > MAX_FILE_LINES:
        yield Finding(source.path, 1, "size", f"has {lines} lines; make it a folder (at most {MAX_FILE_LINES})")
    if not source.path.startswith("src/"):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1 - _docstring_lines(node)
            if length > MAX_FUNCTION_LINES:
                message = f"{node.name} has {length} lines; split it (at most {MAX_FUNCTION_LINES})"
                yield Finding(source.path, node.lineno, "size", message)


def _docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """A docstring explains; only code makes a function long."""
    if ast.get_docstring(node) is None:
        return 0
    first = node.body[0]
    return (first.end_lineno or first.lineno) - first.lineno + 1


ALL: tuple[Rule, ...] = (
    cloud_names_stay_in_providers,
    sdks_stay_in_their_provider,
    the_engine_takes_time_as_a_parameter,
    slices_meet_at_the_door,
    queries_stay_in_queries,
    sessions_commit_before_the_answer,
    http_leaves_through_one_door,
    modules_say_what_they_are_for,
    files_and_functions_stay_small,
)
