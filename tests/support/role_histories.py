"""Histories of roles: what a step is, whence one seed draws them, and for whom a step stands at its time.

Used by tests/support/role_stage.py. Invariant: a step names people, roles and invitations, never ids, and what it stands
for depends on the model only; so one seed is one history, whatever the product answers.
"""

from collections.abc import Iterator
from itertools import count
from random import Random
from typing import NamedTuple

from hypothesis import strategies as st

from role_model import BUILT_IN, ROOT, Invitation, Model
from skyclust.workspaces.permissions import Permission

PEOPLE = ("ann", "bob", "cat", "dan", "eve")
PLACES = ("north", "south")
OWN_ROLES = ("hr", "ops", "aux", "new")
#: Enough to manage people or roles without being an administrator, and what may not be had by that.
SETS = {
    "nothing": frozenset(),
    "people": frozenset({Permission.MEMBERS_READ, Permission.MEMBERS_MANAGE}),
    "people and roles": frozenset({Permission.MEMBERS_READ, Permission.MEMBERS_MANAGE, Permission.ROLES_MANAGE}),
    "roles and keys": frozenset({Permission.MEMBERS_MANAGE, Permission.ROLES_MANAGE, Permission.CREDENTIALS_USE}),
    "keys and log": frozenset({Permission.CREDENTIALS_USE, Permission.AUDIT_READ}),
    "everything": frozenset(Permission),
}
#: What would give away too much if a body took it.
INJECTED = {
    "owner": "ann", "workspace_id": "00000000-0000-0000-0000-000000000000", "user_id": "x", "is_platform_admin": True,
    "role": "admin", "permissions": ["workspace.delete"], "scopes": ["clusters.delete"],
}  # fmt: skip
#: Not a name, but somebody with whom the step means something: see `Reader`.
ADMIN, DELEGATE, FITTING = "an administrator", "a delegate", "whom it would matter"
#: How often each happens.
ACTS = [
    act
    for act, weight in {
        "add": 2, "change": 6, "remove": 3, "make_role": 3, "change_role": 4, "delete_role": 4, "invite": 6, "join": 6,
        "suspend": 1, "resume": 3,
    }.items()
    for _ in range(weight)
]  # fmt: skip
LENGTH = 20


class Step(NamedTuple):
    """Something that somebody tries. Each act takes what it needs; `number` is an invitation's, `extra` is slipped in."""

    act: str
    who: str
    place: str
    whom: str
    role: str
    name: str
    permissions: str
    number: int
    extra: str | None


#: What a step's fields are drawn from, in their order.
_DRAWN = (
    ACTS,
    [*PEOPLE, *[ADMIN] * 5, *[DELEGATE] * 5],
    PLACES,
    [*PEOPLE, *[FITTING] * 8],
    [*BUILT_IN, *OWN_ROLES, *[FITTING] * 5],
    [*OWN_ROLES, *[FITTING] * 4],
    list(SETS),
    range(LENGTH),
    [None] * 6 + sorted(INJECTED),
)


_STEP = st.tuples(*map(st.sampled_from, _DRAWN)).map(Step._make)
#: Any history, for hypothesis: nearly always a long one, of which it takes away what a difference does not need.
HISTORIES = st.lists(st.one_of(st.none(), *[_STEP] * 7), min_size=LENGTH, max_size=LENGTH).map(
    lambda steps: [step for step in steps if step]
)


def histories_of(seed: int) -> Iterator[list[Step]]:
    """Of one seed, without end. Each is what its seed and number make it, however many came before.

    Drawn one by one. The histories of hypothesis resemble each other: of 12 planted defects 40 of them met 9.
    """
    for number in count():
        rng = Random(f"{seed} {number}")
        yield [Step(*(rng.choice(values) for values in _DRAWN)) for _ in range(LENGTH)]


def first_scene() -> Model:
    """In each place a delegate manages people and roles without being an administrator, there is a role that holds more
    than the delegate, and somebody is invited. North has one administrator."""
    own = {"hr": SETS["people and roles"], "ops": SETS["keys and log"], "aux": SETS["people"]}
    return Model(
        {
            "north": {"ann": "admin", "bob": "hr", "cat": "user"},
            "south": {"cat": "admin", "dan": "admin", "ann": "hr"},
        },
        {place: dict(own) for place in PLACES},
        invitations=[Invitation("north", "dan", "hr", "bob"), Invitation("south", "eve", "user", "dan")],
    )


def _one(step: Step, candidates, otherwise):
    """Of several the step's number decides."""
    return candidates[step.number % len(candidates)] if candidates else otherwise


class Reader:
    """Says with names whom a step means, so that much of what is drawn matters. The model may change meanwhile."""

    def __init__(self, model: Model):
        self._model = model

    def plainly(self, step: Step) -> Step:
        """The step with names only."""
        actor = self._actor(step)
        return step._replace(
            who=actor, whom=self._person(step, actor), role=self._role(step, actor), name=self._name(step, actor),
            number=self._link(step) if step.act == "join" else 0,
        )  # fmt: skip

    def _actor(self, step: Step) -> str:
        """For a suspension who administers the installation; for an invitation its guest, or another stranger."""
        if step.who in PEOPLE:
            return step.who
        if step.act in ("suspend", "resume"):
            return ROOT
        roles, managing = self._model.members[step.place], {Permission.MEMBERS_MANAGE, Permission.ROLES_MANAGE}
        if step.act == "join":
            invitation = self._model.invitations[self._link(step)]
            strangers = [invitation.guest] * 4 + self._strangers(invitation.place)
            return _one(step, strangers, PEOPLE[-1])
        admins = [who for who in PEOPLE if roles.get(who) == "admin"]
        delegates = [who for who in PEOPLE if who not in admins and self._held(who, step) & managing]
        return _one(step, admins if step.who == ADMIN else delegates, PEOPLE[0])

    def _person(self, step: Step, actor: str) -> str:
        """To add or invite a stranger; otherwise who holds what the actor does not, who has invited, or oneself."""
        if step.whom in PEOPLE:
            return step.whom
        if step.act in ("add", "invite"):
            return _one(step, self._strangers(step.place), PEOPLE[-1])
        there, held = self._model.members[step.place], self._held(actor, step)
        above = [who for who in PEOPLE if who in there and not self._held(who, step) <= held]
        inviting = [item.inviter for item in self._open(step.place) if item.inviter in there]
        return _one(step, above or inviting, actor)

    def _role(self, step: Step, actor: str) -> str:
        """To give the highest that the actor may give, or one that nobody has; an administrator takes instead."""
        if step.role != FITTING:
            return step.role
        role = self._model.members[step.place].get(actor, "viewer")
        if step.act == "change":
            return _one(step, ["hr", "viewer"], role) if role == "admin" else role
        return _one(step, [role, *self._unheld(step.place)], role)

    def _name(self, step: Step, actor: str) -> str:
        """To make one that does not exist; to delete one that nobody has but somebody is invited to; to change one that
        holds more than the actor, one that somebody is invited to, or the actor's own."""
        if step.name != FITTING:
            return step.name
        own, held = self._model.roles[step.place], self._held(actor, step)
        if step.act == "make_role":
            return _one(step, [name for name in OWN_ROLES if name not in own], OWN_ROLES[-1])
        invited = [item.role for item in self._open(step.place) if item.role in own]
        if step.act == "delete_role":
            return _one(step, [name for name in invited if name in self._unheld(step.place)], OWN_ROLES[-1])
        actors = [name for name in own if name == self._model.members[step.place].get(actor)]
        return _one(step, [*(name for name in own if not own[name] <= held), *invited, *actors], OWN_ROLES[0])

    def _unheld(self, place: str) -> list[str]:
        return [name for name in self._model.roles[place] if name not in self._model.members[place].values()]

    def _link(self, step: Step) -> int:
        """Rather one that is open, and of those one whose inviter may not give so much any more."""
        every = range(len(self._model.invitations))
        links = [number for number in every if self._model.invitations[number].open]
        lost = [number for number in links if not self._still_given(self._model.invitations[number])]
        return _one(step, lost or (links if step.whom == FITTING else every), 0)

    def _still_given(self, item: Invitation) -> bool:
        return self._model.meaning(item.place, item.role) <= self._model.held(item.inviter, item.place)

    def _strangers(self, place: str) -> list[str]:
        return [who for who in PEOPLE if who not in self._model.members[place]]

    def _open(self, place: str) -> list[Invitation]:
        return [item for item in self._model.invitations if item.open and item.place == place]

    def _held(self, who: str, step: Step) -> frozenset[Permission]:
        return self._model.held(who, step.place)


#: What of a step an act is about.
_ABOUT = {
    "add": "{whom} as {role}", "change": "{whom} to {role}", "remove": "{whom}", "make_role": "{name}: {permissions}",
    "change_role": "{name}: {permissions}", "delete_role": "{name}", "invite": "{whom} as {role}",
    "join": "invitation {number}", "suspend": "", "resume": "",
}  # fmt: skip


def told(step: Step) -> str:
    """A line for the history."""
    where = "" if step.act == "join" else f" in {step.place}"
    return f"{step.who} {step.act}{where} {_ABOUT[step.act].format(**step._asdict())}".rstrip()
