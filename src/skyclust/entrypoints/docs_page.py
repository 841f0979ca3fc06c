"""/docs: the OpenAPI document as one readable page. No scripts, nothing fetched from elsewhere.

Pure: from the document to HTML. Invariant: everything from the document is escaped.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

Json = dict[str, Any]

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}
h2{margin-top:2.5rem;border-bottom:1px solid #ccd;text-transform:capitalize}
details{border:1px solid #dde;border-radius:6px;margin:.5rem 0;padding:.4rem .8rem}summary{cursor:pointer}
code{font:14px ui-monospace,monospace}.m{display:inline-block;min-width:4.2rem;font-weight:700}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.2rem .6rem .2rem 0}
@media(prefers-color-scheme:dark){body{color:#e6e9ee;background:#15181d}details{border-color:#333b47}}
"""


def render_docs(document: Json) -> str:
    """The whole page."""
    title = escape(document["info"]["title"])
    groups: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            tag = (operation.get("tags") or ["general"])[0]
            groups.setdefault(tag, []).append(render_operation(document, path, method, operation))
    body = "".join(f"<h2>{escape(tag)}</h2>{''.join(items)}" for tag, items in groups.items())
    intro = escape(document["info"].get("description", ""))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/docs.css"></head>'
        f"<body><h1>{title}</h1><p>{intro}</p>"
        '<p>The same as a machine reads it: <a href="/api/v1/openapi.json">openapi.json</a></p>'
        f"{body}</body></html>"
    )


def render_operation(document: Json, path: str, method: str, operation: Json) -> str:
    """One route, folded."""
    about = escape(operation.get("description") or operation.get("summary", ""))
    rows = [
        (p["name"], p["in"], bool(p.get("required")), type_of(p.get("schema", {})), p.get("description", ""))
        for p in operation.get("parameters", [])
    ]
    content = (operation.get("requestBody") or {}).get("content", {})
    for media in content.values():
        rows += list(body_fields(document, media.get("schema", {})))
    cells = "".join(
        f"<tr><td><code>{escape(name)}</code></td><td>{escape(place)}{' *' if required else ''}</td>"
        f"<td>{escape(kind)}</td><td>{escape(text)}</td></tr>"
        for name, place, required, kind, text in rows
    )
    answers = ", ".join(sorted(operation.get("responses", {})))
    head = f'<span class="m">{escape(method.upper())}</span> <code>{escape(path)}</code>'
    table = f"<table>{cells}</table>" if cells else ""
    return f"<details><summary>{head}</summary><p>{about}</p>{table}<p>Answers: {escape(answers)}</p></details>"


def body_fields(document: Json, schema: Json) -> Iterator[tuple[str, str, bool, str, str]]:
    """(name, "body", required, type, description) of the body's fields, one level deep."""
    schema = resolved(document, schema)
    required = set(schema.get("required", []))
    for name, field in schema.get("properties", {}).items():
        yield name, "body", name in required, type_of(field), field.get("description", "")


def resolved(document: Json, schema: Json) -> Json:
    """Follow one $ref into the document's components."""
    target = schema.get("$ref", "")
    if not target.startswith("#/components/schemas/"):
        return schema
    found: Json = document["components"]["schemas"][target.rpartition("/")[2]]
    return found


def type_of(schema: Json) -> str:
    """A short word for a schema."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        return " or ".join(type_of(option) for option in options if option.get("type") != "null")
    if schema.get("type") == "array":
        return f"list of {type_of(schema.get('items', {}))}"
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    return str(schema.get("format") or schema.get("type", "any"))
