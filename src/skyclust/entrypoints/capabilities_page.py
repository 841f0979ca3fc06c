"""docs/capabilities.md, made from what the installed providers declare. Run with `python -m`.

A test compares the page with what this makes. Pure but for printing.
"""

from __future__ import annotations

from collections.abc import Mapping

from skyclust.contract.capabilities import CAPABILITIES
from skyclust.contract.provider import Provider

HEAD = """# Capabilities

What each cloud can do, as its provider declares it (`GET /api/v1/providers`). What is declared is proven
by the conformance suite; what a cloud does not offer is refused with a problem that names what it does.
This page is generated: `.venv/bin/python -m skyclust.entrypoints.capabilities_page > docs/capabilities.md`.
"""


def render_capabilities(providers: Mapping[str, Provider]) -> str:
    """The page."""
    shown = {
        word: text for word, text in CAPABILITIES.items() if any(word in p.capabilities for p in providers.values())
    }
    heads = " | ".join(provider.title for provider in providers.values())
    lines = [f"| capability | meaning | {heads} |", "|---|---|" + "---|" * len(providers)]
    for word, text in shown.items():
        marks = " | ".join("yes" if word in provider.capabilities else "-" for provider in providers.values())
        lines.append(f"| `{word}` | {text} | {marks} |")
    options = [
        f"| {provider.title} | {', '.join(f'`{name}`' for name in provider.cluster_options_schema['properties'])} |"
        for provider in providers.values()
    ]
    offers = [
        f"| {provider.title} | {len(provider.regions())} | "
        f"{', '.join(version.name for version in provider.kubernetes_versions())} |"
        for provider in providers.values()
    ]
    return "\n".join(
        [
            HEAD,
            *lines,
            "\n## Switches of one cloud\nIn the request's object named after the provider.\n",
            "| cloud | switches |\n|---|---|",
            *options,
            "\n## Offers\n",
            "| cloud | regions | Kubernetes versions |\n|---|---|---|",
            *offers,
            "",
        ]
    )


if __name__ == "__main__":
    from skyclust.entrypoints.wiring import installed_providers

    print(render_capabilities(installed_providers({})), end="")
