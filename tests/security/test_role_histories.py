"""Histories of granting, revoking, inviting, joining, making roles and suspending, by several people in two workspaces.

After each step everybody holds what the small model says, and nothing else (threat T9). Some requests are first sent
with a field more that would give away too much. SKYCLUST_SEED repeats histories, SKYCLUST_HISTORIES says how many.
"""

import asyncio
import os
import secrets
from itertools import islice

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import seed as seeded

from planted import plant, taking_any_field
from role_histories import HISTORIES, histories_of
from role_stage import Differs, staged
from skyclust.workspaces import queries, schemas
from skyclust.workspaces.service import invitations, roles, tenants

HOW_MANY = int(os.environ.get("SKYCLUST_HISTORIES") or 15)
#: Of the planted defects: one whose first histories meet all of them, so that it does not depend on luck.
SEED, ENOUGH = 37, 40

#: What is planted: the function, what stands in it, what stands there instead, and the acts by which it may be noticed.
DEFECTS = {
    "a change looks at the new role only":
        (tenants, "change_role", "in (row.role, role):", "in (role,):", "change"),
    "a change looks at the old role only":
        (tenants, "change_role", "in (row.role, role):", "in (row.role,):", "change"),
    "what is granted is not looked at":
        (tenants, "check_grant", "if not may_grant(", "if False and not may_grant(", "add change remove"),
    "a member of any role is removed":
        (tenants, "remove_member", "if not leaves:", "if False:", "remove"),
    "anybody removes a member":
        (tenants, "remove_member", "leaves = user_id == caller.user_id", "leaves = True", "remove"),
    "the last administrator goes":
        (tenants, "_check_not_last_admin", "== 1:", "== 0:", "change remove"),
    "a role is made of what its maker does not hold":
        (roles, "create", "_check_held(caller, workspace_id, body.permissions)", "pass", "make_role"),
    "a role gets what its changer does not hold":
        (roles, "update", "_check_held(caller, workspace_id, patch.permissions)", "pass", "change_role"),
    "a role that holds more is changed":
        (roles, "_held_role", "if not may_grant(", "if False and not may_grant(", "change_role delete_role"),
    "a role is deleted under its members":
        (roles, "delete", "if holders:", "if False:", "delete_role"),
    "a role is deleted under an invitation":
        (queries, "count_role_holders", " + int(await session.scalar(invited) or 0)", "", "delete_role"),
    "any role is invited to":
        (invitations, "invite", "await check_grant(session, caller, workspace_id, body.role)", "pass", "invite"),
    "whoever invited need not be able to any more":
        (invitations, "accept", "if not await _still_given(session, row):", "if False:", "join"),
    "whoever invited may hold less than the role by now":
        (invitations, "_still_given", "return may_grant(place.permissions, granted)", "return True", "join"),
    "an invitation lets anybody in":
        (invitations, "accept", " or row.email != user.email", "", "join"),
    "an invitation lets in again":
        (invitations, "accept", "row.accepted_at = now", "pass", "join"),
    "a suspended workspace is changed":
        (queries, "membership", "permissions & WHILE_SUSPENDED if suspended else permissions", "permissions",
         "add change remove make_role change_role delete_role invite join suspend"),
    "anybody suspends and resumes":
        (tenants, "suspend", "caller.require_platform_act()", "pass", "suspend resume"),
}  # fmt: skip


async def play_drawn(postgres, seed, number):
    """So many histories of a seed; `Differs` at the first difference."""
    async with staged(postgres) as stage:
        for steps in islice(histories_of(seed), number):
            await stage.play(steps)


def noticed(postgres):
    """The act by which a planted defect was noticed."""
    with pytest.raises(Differs) as difference:
        asyncio.run(play_drawn(postgres, SEED, ENOUGH))
    return difference.value.act


def play_any(postgres, seed, number):
    """So many histories that hypothesis draws, on one stage; `Differs` with the shortest of those that differ."""
    with asyncio.Runner() as runner:
        stage = staged(postgres)
        playing = runner.run(stage.__aenter__())

        @seeded(seed)
        @settings(max_examples=number, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(HISTORIES)
        def agrees(steps):
            runner.run(playing.play(steps))

        try:
            agrees()
        finally:
            runner.run(stage.__aexit__(None, None, None))


@pytest.mark.timeout(max(600, 10 * HOW_MANY))  # hypothesis needs minutes to shorten a history that differs
@pytest.mark.parametrize(
    "play", [play_any, lambda *given: asyncio.run(play_drawn(*given))], ids=["hypothesis", "drawn"]
)
def test_no_history_gives_anybody_more_than_the_model_does(postgres, play):
    seed = int(os.environ.get("SKYCLUST_SEED") or secrets.randbits(32))
    print(f"SKYCLUST_SEED={seed} SKYCLUST_HISTORIES={HOW_MANY} repeats these histories")
    play(postgres, seed, HOW_MANY)


@pytest.mark.parametrize("defect", DEFECTS)
def test_an_escalation_is_caught(postgres, monkeypatch, defect):
    *planted, acts = DEFECTS[defect]
    plant(monkeypatch, *planted)
    assert noticed(postgres) in acts.split()


@pytest.mark.parametrize(
    ("body", "act"),
    [
        (schemas.MemberBody, "add"), (schemas.MemberPatch, "change"), (schemas.RoleBody, "make_role"),
        (schemas.RolePatch, "change_role"), (schemas.InvitationBody, "invite"), (schemas.JoinBody, "join"),
        (schemas.SuspensionBody, "suspend"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)  # fmt: skip
def test_a_field_too_many_that_is_taken_is_caught(postgres, body, act):
    with taking_any_field(body):
        assert noticed(postgres) == act
