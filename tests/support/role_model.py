"""What roles, invitations and suspension ought to mean, in the fewest words. The product is compared with it.

Used by tests/support/role_stage.py. `Refused` says that a request must not succeed; what it would have changed is
then as it was. Invitations are known by the order in which they were made.
"""

from dataclasses import dataclass, field

from skyclust.workspaces.permissions import ROLES, Permission

BUILT_IN = {role.value: held for role, held in ROLES.items()}
#: Who administers the installation, and is a member of nothing.
ROOT = "root"


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
    open: bool = True


@dataclass
class Model:
    """`members` and `roles` by place; a role is a set of permissions."""

    members: dict[str, dict[str, str]]
    roles: dict[str, dict[str, frozenset[Permission]]] = field(default_factory=dict)
    suspended: set[str] = field(default_factory=set)
    invitations: list[Invitation] = field(default_factory=list)

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
        needs(not any(item.open and (item.place, item.role) == (place, name) for item in self.invitations))
        del self.roles[place][name]

    def invite(self, who: str, place: str, guest: str, role: str) -> None:
        self.may_grant(who, place, role)
        needs(guest not in self.members[place])
        self.invitations.append(Invitation(place, guest, role, who))

    def join(self, who: str, number: int) -> None:
        invitation = self.invitations[number]
        needs(invitation.open and invitation.guest == who)
        needs(who not in self.members[invitation.place])
        self.may_grant(invitation.inviter, invitation.place, invitation.role)
        invitation.open = False
        self.members[invitation.place][who] = invitation.role

    def suspend(self, who: str, place: str) -> None:
        needs(who == ROOT)
        self.suspended.add(place)

    def resume(self, who: str, place: str) -> None:
        needs(who == ROOT)
        self.suspended.discard(place)
