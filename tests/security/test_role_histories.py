"""Histories of granting, revoking, inviting, joining, making roles and suspending, by several people in two workspaces.

After each step everybody holds what the small model says, and nothing else (threat T9). Some requests are first sent
with a field more that would give away too much. SKYCLUST_SEED repeats histories, SKYCLUST_HISTORIES says how many.
"""

import asyncio
import os
import secrets
from itertools import islice

import pytest

from planted import plant, taking_any_field
from role_histories import histories_of
from role_stage import Differs, on_stage
from skyclust.workspaces import queries, schemas
from skyclust.workspaces.service import invitations, roles, tenants

HOW_MANY = int(os.environ.get("SKYCLUST_HISTORIES") or 40)
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


async def played(stage, seed, number, *, shrinking=False):
    """So many histories of a seed, each as the lines that happened. `Differs` at the first difference."""
    histories = []
    for steps in islice(histories_of(seed), number):
        try:
            histories.append(await stage.play(steps))
        except Differs as difference:
            if shrinking:
                await stage.play(await stage.shrunk(steps, difference.act))
            raise
    return histories


def noticed(postgres):
    """The act by which a planted defect was noticed."""
    with pytest.raises(Differs) as difference:
        asyncio.run(on_stage(postgres, lambda stage: played(stage, SEED, ENOUGH)))
    return difference.value.act


@pytest.mark.timeout(max(300, 5 * HOW_MANY))
def test_no_history_gives_anybody_more_than_the_model_does(postgres):
    seed = int(os.environ.get("SKYCLUST_SEED") or secrets.randbits(32))
    print(f"SKYCLUST_SEED={seed} SKYCLUST_HISTORIES={HOW_MANY} repeats these histories")
    histories = asyncio.run(on_stage(postgres, lambda stage: played(stage, seed, HOW_MANY, shrinking=True)))
    assert len(histories) == HOW_MANY


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


def test_one_seed_is_one_history_and_a_difference_is_told_by_the_steps_it_needs(postgres, monkeypatch):
    async def told(stage):
        with pytest.raises(Differs) as difference:
            await played(stage, SEED, ENOUGH, shrinking=True)
        return str(difference.value)

    async def twice(stage):
        return await told(stage), await told(stage)

    plant(monkeypatch, *DEFECTS["the last administrator goes"][:-1])
    once, again = asyncio.run(on_stage(postgres, twice))
    assert once == again
    assert len(once.splitlines()) <= 3
