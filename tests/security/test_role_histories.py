"""Histories of granting, revoking, inviting, joining, making roles and suspending, by several people in two workspaces.

After each step everybody holds what the small model says, and nothing else (threat T9). Each request that has a body is
also sent with a field more that would give away too much.
"""

import asyncio
import os
import secrets

from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    multiple,
    rule,
    run_state_machine_as_test,
)

from role_model import BUILT_IN, Invitation, Model, Refused
from skyclust.workspaces.permissions import Permission
from tenancy import open_house, server_logs

PEOPLE = ("ann", "bob", "cat", "dan")
PLACES = ("north", "south")
OWN_ROLES = ("hr", "ops")
#: Enough to manage people or roles without being an administrator, and what may not be had by that.
SETS = [
    frozenset(),
    frozenset({Permission.MEMBERS_READ, Permission.MEMBERS_MANAGE}),
    frozenset({Permission.MEMBERS_READ, Permission.MEMBERS_MANAGE, Permission.ROLES_MANAGE}),
    frozenset({Permission.MEMBERS_MANAGE, Permission.ROLES_MANAGE, Permission.CREDENTIALS_USE}),
    frozenset({Permission.CREDENTIALS_USE, Permission.AUDIT_READ}),
    frozenset(Permission),
]
INJECTED = {
    "owner": "ann", "workspace_id": "00000000-0000-0000-0000-000000000000", "user_id": "x", "is_platform_admin": True,
    "role": "admin", "permissions": ["workspace.delete"], "scopes": ["clusters.delete"],
}  # fmt: skip
people, places = st.sampled_from(PEOPLE), st.sampled_from(PLACES)
names, roles = st.sampled_from(OWN_ROLES), st.sampled_from([*BUILT_IN, *OWN_ROLES])
sets, extras = st.sampled_from(SETS), st.sampled_from(sorted(INJECTED))


def machine_on(house, run):
    """The machine whose steps are requests to `house`; `run` waits for a coroutine."""

    class Histories(RuleBasedStateMachine):
        links = Bundle("links")

        @initialize()
        def settle(self):
            self.people = {name: run(house.person()) for name in PEOPLE}
            self.root = run(house.person(admin=True))
            north = run(house.workspace("north", admin=self.people["ann"], user=self.people["bob"]))
            south = run(house.workspace("south", admin=self.people["cat"], viewer=self.people["ann"]))
            self.ids = {"north": north, "south": south}
            self.model = Model({"north": {"ann": "admin", "bob": "user"}, "south": {"cat": "admin", "ann": "viewer"}})
            for place, admin, other in (("north", "ann", "bob"), ("south", "cat", "ann")):
                self.make_role(admin, place, "hr", SETS[2], "owner")  # who manages people without being administrator
                self.change(admin, place, other, "hr", "owner")

        def _email(self, name):
            return self.people[name].email

        def _ask(self, who, method, path, body=None, extra=None):
            client = self.people[who].client if who != "root" else self.root.client
            if body is not None and extra is not None and extra not in body:
                worse = run(client.request(method, path, json=body | {extra: INJECTED[extra]}))
                assert worse.status_code == 422, (method, path, extra, worse.text)
            return run(client.request(method, path, json=body))

        def _step(self, expected, who, method, path, body=None, extra=None):
            """Ask, and compare with what the model says; then whether everybody holds what they should."""
            try:
                expected()
                allowed = True
            except Refused:
                allowed = False
            answer = self._ask(who, method, path, body, extra)
            assert answer.status_code < 500, answer.text
            assert answer.is_success is allowed, (who, method, path, body, answer.status_code, answer.text)
            self._compare()
            return answer

        def _compare(self):
            for name, person in self.people.items():
                answer = run(person.client.get("/me/permissions")).json()
                held = {place["workspace_id"]: set(place["permissions"]) for place in answer["workspaces"]}
                due = {
                    str(self.ids[place]): {p.value for p in self.model.held(name, place)}
                    for place in PLACES
                    if name in self.model.members[place]
                }
                assert held == due, name
                assert answer["is_platform_admin"] is False

        @rule(who=people, place=places, guest=people, role=roles, extra=extras)
        def add(self, who, place, guest, role, extra):
            body = {"email": self._email(guest), "role": role}
            path = f"/workspaces/{self.ids[place]}/members"
            self._step(lambda: self.model.add(who, place, guest, role), who, "POST", path, body, extra)

        @rule(who=people, place=places, member=people, role=roles, extra=extras)
        def change(self, who, place, member, role, extra):
            path = f"/workspaces/{self.ids[place]}/members/{self.people[member].id}"
            self._step(lambda: self.model.change(who, place, member, role), who, "PATCH", path, {"role": role}, extra)

        @rule(who=people, place=places, member=people)
        def remove(self, who, place, member):
            path = f"/workspaces/{self.ids[place]}/members/{self.people[member].id}"
            self._step(lambda: self.model.remove(who, place, member), who, "DELETE", path)

        @rule(who=people, place=places, name=names, permissions=sets, extra=extras)
        def make_role(self, who, place, name, permissions, extra):
            path, body = f"/workspaces/{self.ids[place]}/roles", {"name": name, "permissions": sorted(permissions)}
            self._step(lambda: self.model.make_role(who, place, name, permissions), who, "POST", path, body, extra)

        @rule(who=people, place=places, name=names, permissions=sets, extra=extras)
        def change_role(self, who, place, name, permissions, extra):
            path, body = f"/workspaces/{self.ids[place]}/roles/{name}", {"permissions": sorted(permissions)}
            self._step(lambda: self.model.change_role(who, place, name, permissions), who, "PATCH", path, body, extra)

        @rule(who=people, place=places, name=names)
        def delete_role(self, who, place, name):
            path = f"/workspaces/{self.ids[place]}/roles/{name}"
            self._step(lambda: self.model.delete_role(who, place, name), who, "DELETE", path)

        @rule(target=links, who=people, place=places, guest=people, role=roles, extra=extras)
        def invite(self, who, place, guest, role, extra):
            body = {"email": self._email(guest), "role": role}
            path = f"/workspaces/{self.ids[place]}/invitations"
            answer = self._step(lambda: self.model.invite(who, place, guest, role), who, "POST", path, body, extra)
            if not answer.is_success:
                return multiple()
            token = answer.json()["token"]
            self.model.open[token] = Invitation(place, guest, role, who)
            return token

        @rule(who=people, token=links, extra=extras)
        def join(self, who, token, extra):
            body = {"token": token}
            self._step(lambda: self.model.join(who, token), who, "POST", "/invitations:join", body, extra)

        @rule(token=consumes(links), extra=extras)
        def the_guest_joins(self, token, extra):
            invitation = self.model.open.get(token)
            if invitation is not None:
                self.join(invitation.guest, token, extra)

        @rule(who=st.sampled_from([*PEOPLE, "root"]), place=places, stop=st.booleans(), extra=extras)
        def suspend(self, who, place, stop, extra):
            path = f"/workspaces/{self.ids[place]}:{'suspend' if stop else 'resume'}"
            body = {"reason": "unpaid"} if stop else None

            def expected():
                if who != "root":
                    raise Refused
                (self.model.suspended.add if stop else self.model.suspended.discard)(place)

            self._step(expected, who, "POST", path, body, extra)

    return Histories


def test_no_history_gives_anybody_more_than_the_model_does(postgres):
    number = int(os.environ.get("SKYCLUST_SEED") or secrets.randbits(32))
    print(f"SKYCLUST_SEED={number} repeats these histories")
    with server_logs(), asyncio.Runner() as runner:
        house = open_house(postgres)
        try:
            run_state_machine_as_test(
                seed(number)(machine_on(house, runner.run)),
                settings=settings(
                    max_examples=12, stateful_step_count=20, deadline=None, database=None, report_multiple_bugs=False,
                    suppress_health_check=list(HealthCheck),
                ),
            )  # fmt: skip
        finally:
            runner.run(house.close())
