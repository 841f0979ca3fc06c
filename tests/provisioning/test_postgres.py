"""The store in PostgreSQL passes the suite of stores, and what only a shared database can get wrong."""

import pytest

from postgres_world import postgres_world
from store_suite import OpenStore, StoreSuite


class TestPostgresStore(StoreSuite):
    @pytest.fixture
    def open_store(self, postgres) -> OpenStore:
        return lambda: postgres_world(postgres)
