"""Fixtures of all tests."""

pytest_plugins = ["nats_fixtures", "oidc_fixtures", "postgres_fixtures", "sandbox_fixtures", "up_fixtures"]
