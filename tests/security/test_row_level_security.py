"""The second net: with the workspace filter taken out of every query, PostgreSQL still shows nobody the others' rows."""

from contextlib import contextmanager

import pytest
from sqlalchemy import BinaryExpression, Column, event, text, true
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.sql import operators, visitors

from skyclust.kit.db import EVERYTHING, Model
from skyclust.kit.migrating import import_models
from tenancy_asking import BEGINNING, ask, named
from tenancy_policy import POLICY, Who
from two_tenants import Street

pytestmark = pytest.mark.xdist_group("tenancy matrix")

#: Tables that belong to the installation or to a user. A new table is named here, or has a workspace and a policy.
NOBODYS_WORKSPACE = {
    "alembic_version", "api_tokens", "audit_exported_heads", "audit_sinks", "bootstrap_tokens", "issuer_keys", "login_attempts", "recovery_codes", "refresh_tokens", "relays",
    "second_factors", "sessions", "sign_on_grants", "sign_on_states", "user_identities", "users",
}  # fmt: skip
#: Columns by which queries keep to a workspace.
KEEPS_TO = {("workspaces", "id"), ("audit_entries", "chain"), ("audit_heads", "chain")}
READS = [key for key, entry in POLICY.items() if key.startswith("GET") and entry.who in (Who.MEMBERS, Who.LISTED)]


def tables() -> dict[str, str]:
    """Every table with a workspace's rows, with the column that says whose."""
    import_models()
    found = {name: "workspace_id" for name, table in Model.metadata.tables.items() if "workspace_id" in table.columns}
    return found | {"workspaces": "id"}


def test_every_table_has_a_workspace_and_a_policy_or_is_named_here(street):
    async def story(street):
        rows = (
            "SELECT string_agg(c.relname, ' ') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' "
            "AND has_table_privilege('skyclust_app', c.oid, 'SELECT, INSERT, UPDATE, DELETE')"
        )
        held = (
            " AND c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid)"
        )
        return set((await street.scalar(rows)).split()), set((await street.scalar(rows + held)).split())

    there, held = street(story)
    assert there - NOBODYS_WORKSPACE == held == set(tables())


@pytest.mark.parametrize("table", sorted(tables()))
def test_a_query_without_a_filter_finds_only_what_the_transaction_may_see(street, table):
    async def story(street):
        ours, theirs = street.ours.workspace, street.theirs.workspace
        found = {}
        for visible in (EVERYTHING, str(ours), str(theirs), f"{ours},{theirs}", "", str(street.root.id)):
            async with street.house.database.session(visible=visible) as session:
                rows = await session.scalars(text(f"SELECT DISTINCT {tables()[table]} FROM {table}"))
                found[visible] = set(rows) - ({None} if table == "audit_heads" else set())
        assert {ours, theirs} <= found[EVERYTHING], f"seed {table} in two_tenants, or this proves nothing"
        assert found[str(ours)] == {ours}
        assert found[str(theirs)] == {theirs}
        assert found[f"{ours},{theirs}"] == {ours, theirs}
        assert found[""] == found[str(street.root.id)] == set()

    street(story)


@pytest.mark.parametrize("table", sorted(tables()))
def test_nobody_changes_deletes_or_makes_rows_in_anothers_workspace(street, table):
    async def story(street):
        column, ours, theirs = tables()[table], street.ours.workspace, street.theirs.workspace
        for statement in (
            f"UPDATE {table} SET {column} = {column} WHERE {column} = :ours",
            f"DELETE FROM {table} WHERE {column} = :ours",
        ):
            assert await _touched(street, theirs, statement, ours=ours) in (0, "refused"), statement
        moved = f"UPDATE {table} SET {column} = :ours WHERE {column} = :theirs"
        assert await _touched(street, theirs, moved, ours=ours, theirs=theirs) in (0, "refused")

    street(story)


async def _touched(street: Street, visible, statement: str, **parameters) -> int | str:
    """How many rows it reached; nothing of it stays."""
    async with street.house.database.session(visible=str(visible)) as session:
        try:
            async with session.begin_nested() as attempt:
                reached = (await session.execute(text(statement), parameters)).rowcount
                await attempt.rollback()
        except DBAPIError as error:
            if any(words in str(error) for words in ("row-level security", "permission denied")):
                return "refused"
            raise
    return reached


@contextmanager
def no_workspace_filter():
    """The mutant: whatever compares a row's workspace with given ones lets every row through."""

    def let_all_through(node, **_):
        compares = isinstance(node, BinaryExpression) and node.operator in (operators.eq, operators.in_op)
        column = node.left if compares else None
        if not isinstance(column, Column) or isinstance(node.right, Column):
            return None  # joins stay
        keeps_to = column.name == "workspace_id" or (column.table.name, column.name) in KEEPS_TO
        return true() if keeps_to else None

    def mutate(state: ORMExecuteState) -> None:
        if state.is_select:
            state.statement = visitors.replacement_traverse(state.statement, {}, let_all_through)

    event.listen(Session, "do_orm_execute", mutate)
    try:
        yield
    finally:
        event.remove(Session, "do_orm_execute", mutate)


async def shown_to_strangers(street: Street) -> dict[str, set[str]]:
    """What of ours the administrator of the other workspace gets to see, by route."""
    found = {}
    for key in READS:
        route = named(street, key)[0]
        heard = await ask(street, street.theirs.admin, route, street.ours.things, last_event_id=BEGINNING)
        sent = {street.ours.things[place] for place in route.places()}
        found[key] = heard.shows(street.ours) - sent
    return {key: shown for key, shown in found.items() if shown}


def test_with_the_filters_taken_out_of_the_queries_nobody_sees_more(street):
    async def story(street):
        with no_workspace_filter():
            return await shown_to_strangers(street)

    assert street(story) == {}


def test_without_row_level_security_the_same_requests_would_show_our_things(street):
    """That the mutant above really is one: without the second net it is found out on these routes."""

    async def story(street):
        names = list(tables())
        for name in names:
            await street.house.execute(f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY")
        try:
            before = await shown_to_strangers(street)
            with no_workspace_filter():
                return before, set(await shown_to_strangers(street))
        finally:
            for name in names:
                await street.house.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")

    with_filters, without_filters = street(story)
    assert with_filters == {}, "the filters alone would hold, too"
    lists = {"credentials", "operations", "drift", "orphans", "clusters", "networks"}
    assert {f"GET /api/v1/{name}" for name in lists} <= without_filters
