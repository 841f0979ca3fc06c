"""A stage on which one history of roles after another is played by the product and compared with the model.

Used by tests/security/test_role_histories.py. The people stay; before each history their roles are put into the tables.
"""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import asyncpg

from role_histories import INJECTED, PEOPLE, PLACES, SETS, Reader, Step, first_scene, told
from role_model import ROOT, Refused
from skyclust.identity.tokens import AccessClaims, hash_token
from skyclust.workspaces.permissions import Permission
from tenancy import open_house, server_logs


class Differs(AssertionError):
    """The product did something else than the model. `act` is what was tried; the history is in the message."""

    def __init__(self, act: str, what: str, history: list[str]):
        super().__init__("\n".join([*history, f"{act}: {what}"]))
        self.act = act


class Request(NamedTuple):
    """`about` is what the model's method of the act takes besides who asks."""

    about: tuple
    method: str
    path: str
    body: dict | None = None


_ROWS = """
    SELECT 'member', w.name, u.email, m.role, 1::bigint
    FROM members m JOIN workspaces w ON w.id = m.workspace_id JOIN users u ON u.id = m.user_id
    UNION ALL SELECT 'role', w.name, r.name, array_to_string(r.permissions, ','), 1
    FROM roles r JOIN workspaces w ON w.id = r.workspace_id
    UNION ALL SELECT 'invitation', w.name, i.email, i.role, count(*)
    FROM invitations i JOIN workspaces w ON w.id = i.workspace_id
    WHERE i.accepted_at IS NULL AND i.revoked_at IS NULL GROUP BY w.name, i.email, i.role
    UNION ALL SELECT 'suspended', name, '', '', 1 FROM workspaces WHERE suspended_at IS NOT NULL
"""


class Stage:
    """One product, its people and two workspaces, for all histories."""

    def __init__(self, house, owner: asyncpg.Connection):
        self.house, self._owner = house, owner
        self.people, self.ids = {}, {}

    async def set_up(self):
        """People who are signed in, and the workspaces."""
        for number, name in enumerate([*PEOPLE, ROOT], start=1):
            claims = AccessClaims(UUID(int=number), UUID(int=number))
            self.people[name] = await self.house.person(f"{name}@example.com", admin=name == ROOT, claims=claims)
        for number, place in enumerate(PLACES, start=1):
            self.ids[place] = await self.house.workspace(place, workspace_id=UUID(int=number))

    async def play(self, steps: list[Step]) -> list[str]:
        """What happened, a line a step. `Differs` at the first difference."""
        self.model, self.history = first_scene(), []
        self.tokens = [f"planted-{number}" for number in range(len(self.model.invitations))]
        await self._plant()
        reader = Reader(self.model)
        for step in steps:
            await self._try(reader.plainly(step))
        await self._compare_answers("end", PEOPLE)
        return self.history

    async def _plant(self):
        """The first scene by rows: nothing is asked of the product."""
        async with self._owner.transaction():
            await self._owner.execute(
                "DELETE FROM invitations; DELETE FROM members; DELETE FROM roles; UPDATE workspaces SET suspended_at = NULL"
            )
            for table, rows in self._first_rows().items():
                columns, places = ", ".join(rows[0]), ", ".join(f"${number + 1}" for number in range(len(rows[0])))
                insert = f"INSERT INTO {table} ({columns}) VALUES ({places})"
                await self._owner.executemany(insert, [tuple(row.values()) for row in rows])

    def _first_rows(self) -> dict[str, list[dict]]:
        now = self.house.clock.now()
        roles = [
            {"workspace_id": self.ids[place], "name": name, "description": "", "permissions": sorted(held)}
            for place, own in self.model.roles.items()
            for name, held in own.items()
        ]
        members = [
            {"workspace_id": self.ids[place], "user_id": self.people[who].id, "role": role}
            for place, there in self.model.members.items()
            for who, role in there.items()
        ]
        invitations = [
            {
                "id": UUID(int=number), "workspace_id": self.ids[item.place], "email": self.people[item.guest].email,
                "role": item.role, "token_hash": hash_token(self.tokens[number]),
                "invited_by": self.people[item.inviter].id, "expires_at": now + timedelta(days=7),
            }
            for number, item in enumerate(self.model.invitations)
        ]  # fmt: skip
        rows = {"roles": roles, "members": members, "invitations": invitations}
        return {table: [row | {"created_at": now} for row in listed] for table, listed in rows.items()}

    def _request(self, step: Step) -> Request:
        _, _, place, whom, role, name, listed, number, _ = step
        base, permissions = f"/workspaces/{self.ids[place]}", SETS[listed]
        member, named = f"{base}/members/{self.people[whom].id}", f"{base}/roles/{name}"
        person, held = {"email": self.people[whom].email, "role": role}, {"permissions": sorted(permissions)}
        return {
            "add": Request((place, whom, role), "POST", f"{base}/members", person),
            "change": Request((place, whom, role), "PATCH", member, {"role": role}),
            "remove": Request((place, whom), "DELETE", member),
            "make_role": Request((place, name, permissions), "POST", f"{base}/roles", {"name": name} | held),
            "change_role": Request((place, name, permissions), "PATCH", named, held),
            "delete_role": Request((place, name), "DELETE", named),
            "invite": Request((place, whom, role), "POST", f"{base}/invitations", person),
            "join": Request((number,), "POST", "/invitations:join", {"token": self.tokens[number]}),
            "suspend": Request((place,), "POST", f"{base}:suspend", {"reason": "unpaid"}),
            "resume": Request((place,), "POST", f"{base}:resume"),
        }[step.act]

    # ---- asking and comparing ----
    async def _try(self, step: Step):
        """Ask, also with too much in the body, and compare the answer and what is left behind with the model."""
        request = self._request(step)
        self.history.append(told(step))
        await self._slip_in(step, request)
        before = {name: self._due_answer(name) for name in PEOPLE}
        try:
            getattr(self.model, step.act)(step.who, *request.about)
            allowed = True
        except Refused:
            allowed = False
        answer = await self._ask(step.who, request.method, request.path, request.body)
        self.history[-1] += f" -> {answer.status_code}"
        if answer.status_code >= 500 or answer.is_success is not allowed:
            due = "allows" if allowed else "refuses"
            raise Differs(step.act, f"the model {due} it, but the answer is {answer.text}", self.history)
        if step.act == "invite" and allowed:
            self.tokens.append(answer.json()["token"])
        await self._compare_rows(step.act)
        await self._compare_answers(step.act, [name for name in PEOPLE if self._due_answer(name) != before[name]])

    async def _slip_in(self, step: Step, request: Request):
        """The refusal has to name the field, since there may be other reasons for one."""
        body, extra = request.body, step.extra
        if body is None or extra is None or extra in body:
            return
        answer = await self._ask(step.who, request.method, request.path, body | {extra: INJECTED[extra]})
        if answer.status_code != 422 or f"/{extra}" not in [error["pointer"] for error in answer.json()["errors"]]:
            raise Differs(
                step.act, f"{extra} in the body was answered {answer.status_code} {answer.text}", self.history
            )

    async def _ask(self, who, method, path, body=None):
        return await self.people[who].client.request(method, path, json=body)

    async def _compare_rows(self, act: str):
        """Members, roles, open invitations and suspensions, as the tables have them."""
        there = {tuple(row) for row in await self._owner.fetch(_ROWS)}
        due = set(self._due_rows())
        if there != due:
            raise Differs(act, f"rows too many {sorted(there - due)}, rows missing {sorted(due - there)}", self.history)

    def _due_rows(self):
        model = self.model
        for place in PLACES:
            for who, role in model.members[place].items():
                yield "member", place, self.people[who].email, role, 1
            for name, held in model.roles[place].items():
                yield "role", place, name, ",".join(sorted(held)), 1
        open_ones = [item for item in model.invitations if item.open]
        for item, times in Counter((item.place, item.guest, item.role) for item in open_ones).items():
            place, guest, role = item
            yield "invitation", place, self.people[guest].email, role, times
        for place in model.suspended:
            yield "suspended", place, "", "", 1

    async def _compare_answers(self, act: str, names):
        """What people are told they hold. The tables are compared besides, so after a step those it changes are asked."""
        for name in names:
            answer = (await self._ask(name, "GET", "/me/permissions")).json()
            held = {place["workspace_id"]: set(place["permissions"]) for place in answer["workspaces"]}
            if held != self._due_answer(name) or answer["is_platform_admin"]:
                raise Differs(act, f"{name} is told {answer}", self.history)

    def _due_answer(self, name: str) -> dict[str, frozenset[Permission]]:
        places = [place for place in PLACES if name in self.model.members[place]]
        return {str(self.ids[place]): self.model.held(name, place) for place in places}


@asynccontextmanager
async def staged(postgres) -> AsyncIterator[Stage]:
    """A stage of its own, on an empty database."""
    house, owner = open_house(postgres), await asyncpg.connect(postgres.owner_url)
    try:
        stage = Stage(house, owner)
        await stage.set_up()
        with server_logs():
            yield stage
    finally:
        await owner.close()
        await house.close()
