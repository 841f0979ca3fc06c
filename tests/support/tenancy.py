"""The routes of identity, workspaces, credentials and audit on a real database, with people to send through the door.

`through_the_door(postgres, scenario)` runs `scenario(house)` in one event loop. People are put into the tables with
their session, so that a test spends no time on passwords unless it is about passwords.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import StringIO
from uuid import UUID, uuid4

import httpx
import structlog
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from canaries import MARK, canary
from documented import Documenting
from skyclust.audit import service as audit
from skyclust.audit.router import router as audit_router
from skyclust.contract.errors import AuthenticationFailed
from skyclust.contract.provider import TENANT, VerifiedIdentity
from skyclust.credentials.clouds import CloudSessions
from skyclust.credentials.keyring import Keyring
from skyclust.credentials.router import router as credentials_router
from skyclust.identity.models import SessionRow, UserRow
from skyclust.identity.router import router as identity_router
from skyclust.identity.tokens import AccessClaims, issue_access_token
from skyclust.kit import problems
from skyclust.kit.db import EVERYTHING, Database, asyncpg_url
from skyclust.kit.logs import configure_logging
from skyclust.kit.settings import Settings
from skyclust.provisioning.models import ResourceRecord
from skyclust.provisioning.operating import NewStack, create_stack
from skyclust.workspaces.models import MemberRow, WorkspaceRow
from skyclust.workspaces.router import router as workspaces_router

#: What the fake cloud takes for a key.
RIGHT_KEY = canary("right-secret-key")
KEYS = {"old": bytes(range(32)), "new": bytes(range(32, 64))}


class HandClock:
    """Time that a test moves."""

    def __init__(self):
        self.time = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def now(self):
        return self.time

    def monotonic(self):
        return self.time.timestamp()

    def pass_(self, **amount):
        self.time += timedelta(**amount)


@dataclass
class FakeSession:
    region: str
    closed: bool = False

    async def close(self):
        self.closed = True


@dataclass
class FakeCloud:
    """A cloud that knows some keys. `failure` is raised instead of an answer; `calls` counts what reached it."""

    name: str = "cumulus"
    title: str = "Cumulus Cloud"
    accounts: dict[str, str] = field(default_factory=lambda: {RIGHT_KEY: "account-1"})
    expiries: dict[str, datetime] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    failure: Exception | None = None
    calls: int = 0
    during: Callable[[], None] = lambda: None
    tenants: list[str] = field(default_factory=list)
    opened: list[FakeSession] = field(default_factory=list)
    capabilities: frozenset[str] = frozenset()
    cluster_options_schema: dict = field(default_factory=dict)
    credential_schema: dict = field(
        default_factory=lambda: {
            "type": "object",
            "required": ["secret_key"],
            "additionalProperties": False,
            "properties": {
                "access_key": {"type": "string", "maxLength": 100},
                "secret_key": {"type": "string", "maxLength": 200, "writeOnly": True},
                "region": {"type": "string", "maxLength": 50},
            },
        }
    )

    def connect(self, credential, region):
        self.tenants.append(credential[TENANT])
        session = FakeSession(region)
        self.opened.append(session)
        return session

    async def verify(self, credential, region=None):
        self.calls += 1
        self.tenants.append(credential[TENANT])
        self.during()
        if self.failure is not None:
            raise self.failure
        account = self.accounts.get(credential["secret_key"])
        if account is None:
            raise AuthenticationFailed("The key is not known.", operation="sts:GetCallerIdentity")
        ends = self.expiries.get(credential["secret_key"])
        return VerifiedIdentity(account, f"{account}/root", self.missing, ends)


async def _silent(response):
    """No answer repeats a secret that was handed in."""
    if not response.headers.get("content-type", "").startswith("text/event-stream"):
        assert MARK.encode() not in await response.aread(), response.request.url


@dataclass
class Person:
    id: UUID
    email: str
    session_id: UUID
    client: httpx.AsyncClient


@dataclass
class House:
    app: FastAPI
    database: Database
    owner_url: str
    clock: HandClock
    cloud: FakeCloud
    anonymous: httpx.AsyncClient
    logs: StringIO | None = None
    #: The test makes something go wrong inside: 500 is the right answer.
    defects: bool = False
    _clients: list[httpx.AsyncClient] = field(default_factory=list)

    @property
    def keyring(self):
        return self.app.state.keyring

    def client(self, token=None, **kwargs):
        raises = kwargs.pop("raises", True)
        transport = Documenting(
            self.app, raise_app_exceptions=raises, defects=lambda: self.defects or not raises, **kwargs
        )
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        client = httpx.AsyncClient(
            transport=transport, base_url="http://skyclust/api/v1", headers=headers, event_hooks={"response": [_silent]}
        )
        self._clients.append(client)
        return client

    async def person(self, email="", *, admin=False, password_hash="none", lifetime_seconds=900, claims=None, **kwargs):
        """Somebody with an account who is signed in; a platform administrator when `admin`. `claims` chooses the ids."""
        now = self.clock.now()
        claims = claims or AccessClaims(uuid4(), uuid4())
        user_id, session_id = claims.user_id, claims.session_id
        email = email or f"{user_id.hex[:8]}@example.com"
        async with self.database.session() as session:
            session.add(
                UserRow(
                    id=user_id,
                    email=email,
                    display_name="x",
                    password_hash=password_hash,
                    is_platform_admin=admin,
                    created_at=now,
                )
            )
            await session.flush()
            session.add(
                SessionRow(
                    id=session_id, user_id=user_id, address="", user_agent="", created_at=now, last_used_at=now,
                    authenticated_at=now, expires_at=now + timedelta(days=14),
                )
            )  # fmt: skip
        token = issue_access_token(
            self.keyring,
            claims,
            token_id=uuid4(),
            now=now,
            lifetime_seconds=lifetime_seconds,
        )
        return Person(user_id, email, session_id, self.client(token, **kwargs))

    async def workspace(self, name="w", *, workspace_id=None, **members):
        """A workspace in which each person of `members` has the role that is their keyword."""
        workspace_id, now = workspace_id or uuid4(), self.clock.now()
        async with self.database.session(visible=EVERYTHING) as session:
            session.add(WorkspaceRow(id=workspace_id, name=name, created_at=now))
            await session.flush()
            for role, person in members.items():
                session.add(MemberRow(workspace_id=workspace_id, user_id=person.id, role=role, created_at=now))
        return workspace_id

    async def close(self):
        """Give everything back."""
        for client in self._clients:
            await client.aclose()
        await self.app.state.clouds.close()
        await self.database.close()

    async def scalar(self, sql, **parameters):
        """What the schema's owner sees: everything."""
        async with self._as_owner() as connection:
            return await connection.scalar(text(sql), parameters)

    async def execute(self, sql, **parameters):
        async with self._as_owner() as connection:
            await connection.execute(text(sql), parameters)

    @asynccontextmanager
    async def _as_owner(self):
        engine = create_async_engine(asyncpg_url(self.owner_url))
        try:
            async with engine.begin() as connection:
                yield connection
        finally:
            await engine.dispose()


def open_house(postgres):
    clock, cloud = HandClock(), FakeCloud()
    keyring = Keyring("old", KEYS)
    database = postgres.open()
    app = FastAPI()
    app.state.settings = Settings()
    app.state.database = database
    app.state.clock = clock
    app.state.providers = {cloud.name: cloud}
    app.state.keyring = keyring
    app.state.sign_on = None
    app.state.clouds = CloudSessions(database, keyring, app.state.providers, monotonic=clock.monotonic)
    problems.install(app)
    for router in (identity_router, workspaces_router, credentials_router, audit_router):
        app.include_router(router, prefix="/api/v1")
    audit.install(keyring, clock)
    house = House(app, database, postgres.owner_url, clock, cloud, anonymous=None)
    house.anonymous = house.client()
    return house


@contextmanager
def server_logs():
    """Logging as the server configures it, into a stream, and back."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    stream = StringIO()
    configure_logging(stream, level=logging.DEBUG)
    try:
        yield stream
    finally:
        structlog.reset_defaults()
        root.handlers[:], root.level = before


def through_the_door(postgres, scenario: Callable[[House], Awaitable]):
    async def run():
        house = open_house(postgres)
        house.logs = logs
        try:
            return await scenario(house)
        finally:
            await house.close()

    with server_logs() as logs:
        return asyncio.run(run())


def problem_kind(response):
    return response.json()["type"].rsplit("/", 1)[-1]


async def plant_stack(house, workspace_id, credential_id):
    """A stack with one living resource, as if a network had been made."""
    stack = NewStack(uuid4(), workspace_id, credential_id, house.cloud.name, "r", "s", "network")
    async with house.database.session(visible=EVERYTHING) as session:
        await create_stack(session, stack)
        await session.flush()
        given = {"id": uuid4(), "workspace_id": workspace_id, "stack_id": stack.id, "credential_id": credential_id}
        given |= {"key": "network", "desired": "present", "state": "ready"}
        session.add(ResourceRecord(**_empty(ResourceRecord) | given))


def _empty(model):
    """The emptiest value of every column that must have one."""
    values = {}
    for column in model.__table__.columns:
        if not column.nullable and column.server_default is None and column.default is None:
            kind = column.type.python_type
            values[column.key] = kind() if kind in (str, int, bool, dict, list) else None
    return values
