"""Fixtures of all tests."""

pytest_plugins = ["postgres_fixtures", "sandbox_fixtures", "up_fixtures"]
