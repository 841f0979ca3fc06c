"""The project's own lint rules: what ruff, mypy and import-linter cannot say. `make check` runs `python -m checks`.

Each rule is a pure function from one parsed file to findings, and has a test that breaks it (tests/checks).
"""
