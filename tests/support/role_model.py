"""What roles, invitations and suspension ought to mean, in the fewest words. The product is compared with it.

Used by tests/security/test_role_histories.py. `Refused` says that a request must not succeed; what it would have
changed is then as it was.
"""

from dataclasses import dataclass, field

from skyclust.workspaces.permissions import ROLES, Permission

BUILT_IN = {role.value: held for role, held in ROLES.items()}
EVERYTHING = frozenset(Permission)


class Refused(Exception):
    pass


def needs(condition: bool) -> None:
    if not condition:
        raise Refused


@dataclass
class Invitation:
    place: str
    guest: str
    role: str
    inviter: str


@dataclass
class Model:
    """`members` and `roles` by place; a role is a set of permissions."""

    members: dict[str, dict[str, str]]
    roles: dict[str, dict[str, frozenset[Permission]]] = field(default_factory=dict)
    suspended: set[str] = field(default_factory=set)
    open: dict[str, Invitation] = field(default_factory=dict)

    def meaning(self, place: str, role: str) -> frozenset[Permission]:
        own = self.roles.get(place, {})
        needs(role in BUILT_IN or role in own)
        return BUILT_IN[role] if role in BUILT_IN else own[role]

    def held(self, who: str, place: str) -> frozenset[Permission]:
        role = self.members[place].get(who)
        held = self.meaning(place, role) if role else frozenset()
        return frozenset(p for p in held if p.endswith(".read")) if place in self.suspended else held

    def may(self, who: str, place: str, permission: Permission) -> None:
        needs(permission in self.held(who, place))

    def may_grant(self, who: str, place: str, role: str) -> None:
        self.may(who, place, Permission.MEMBERS_MANAGE)
        needs(self.meaning(place, role) <= self.held(who, place))

    def keeps_an_admin(self, place: str, without: str) -> None:
        needs(any(role == "admin" for who, role in self.members[place].items() if who != without))

    def add(self, who: str, place: str, guest: str, role: str) -> None:
        self.may_grant(who, place, role)
        needs(guest not in self.members[place])
        self.members[place][guest] = role

    def change(self, who: str, place: str, member: str, role: str) -> None:
        self.may_grant(who, place, role)
        needs(member in self.members[place])
        self.may_grant(who, place, self.members[place][member])
        if self.members[place][member] == "admin" != role:
            self.keeps_an_admin(place, member)
        self.members[place][member] = role

    def remove(self, who: str, place: str, member: str) -> None:
        needs(who in self.members[place] and member in self.members[place])
        if who != member:
            self.may_grant(who, place, self.members[place][member])
        if self.members[place][member] == "admin":
            self.keeps_an_admin(place, member)
        del self.members[place][member]

    def make_role(self, who: str, place: str, name: str, permissions: frozenset[Permission]) -> None:
        self.may(who, place, Permission.ROLES_MANAGE)
        needs(permissions <= self.held(who, place) and name not in self.roles.setdefault(place, {}))
        self.roles[place][name] = permissions

    def change_role(self, who: str, place: str, name: str, permissions: frozenset[Permission]) -> None:
        self.may(who, place, Permission.ROLES_MANAGE)
        needs(name in self.roles.get(place, {}))
        needs(permissions | self.roles[place][name] <= self.held(who, place))
        self.roles[place][name] = permissions

    def delete_role(self, who: str, place: str, name: str) -> None:
        self.may(who, place, Permission.ROLES_MANAGE)
        needs(name in self.roles.get(place, {}) and self.roles[place][name] <= self.held(who, place))
        needs(name not in self.members[place].values())
        needs(not any((item.place, item.role) == (place, name) for item in self.open.values()))
        del self.roles[place][name]

    def invite(self, who: str, place: str, guest: str, role: str) -> None:
        """The caller puts the invitation into `open` under its token."""
        self.may_grant(who, place, role)
        needs(guest not in self.members[place])

    def join(self, who: str, token: str) -> None:
        needs(token in self.open and self.open[token].guest == who)
        invitation = self.open[token]
        needs(who not in self.members[invitation.place])
        self.may_grant(invitation.inviter, invitation.place, invitation.role)
        self.members[invitation.place][who] = self.open.pop(token).role
