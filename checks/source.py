"""One source file as the rules see it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True)
class Finding:
    """A broken rule at a place, with what to do instead."""

    path: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: [{self.rule}] {self.message}"


@dataclass(frozen=True)
class Source:
    """`path` is relative to the repository, with forward slashes."""

    path: str
    text: str
    tree: ast.Module

    @classmethod
    def parse(cls, path: str, text: str) -> Source:
        return cls(path, text, ast.parse(text))

    @property
    def package(self) -> str:
        """The package below skyclust: "clusters", "providers"; "" elsewhere."""
        parts = PurePosixPath(self.path).parts
        return parts[2] if parts[:2] == ("src", "skyclust") and len(parts) > 3 else ""

    @property
    def module(self) -> str:
        """The first name below the package: "router" for src/skyclust/clusters/router/pools.py too."""
        parts = PurePosixPath(self.path).parts
        return PurePosixPath(parts[3]).stem if self.package else ""

    def imports(self) -> list[tuple[int, str]]:
        """(line, dotted name) of everything imported, `from a import b` as a.b."""
        found: list[tuple[int, str]] = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found += [(node.lineno, alias.name) for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                found += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
        return found
