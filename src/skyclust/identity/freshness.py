"""Which acts ask for a fresh proof of who somebody is, and whether theirs is fresh enough. Pure; read by callers.py.

People prove themselves again (RFC 9470, step-up authentication); a program cannot, so it needs a scope that whoever
made its token gave it knowingly (docs/adr/0009-fresh-proof.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from skyclust.identity.errors import attended_only, insufficient_authentication
from skyclust.kit.settings import Settings


class Act(StrEnum):
    """Acts that may ask for a fresh proof. SKYCLUST_REAUTHENTICATION_ACTS names those that do; all without it."""

    #: Also the roll back of its creation.
    CLUSTER_DELETE = "cluster.delete"
    NETWORK_DELETE = "network.delete"
    CREDENTIAL_REPLACE = "credential.replace"
    CREDENTIAL_DELETE = "credential.delete"
    #: A kubeconfig with a token inside. One that asks us for tokens holds no secret.
    KUBECONFIG_TOKEN = "kubeconfig.token"  # noqa: S105 - the name of an act
    WORKSPACE_DELETE = "workspace.delete"
    PASSWORD_CHANGE = "account.password"  # noqa: S105
    TOKEN_CREATE = "account.token"  # noqa: S105
    #: What only administrators of the installation do: users, quotas, suspension, others' sessions.
    PLATFORM = "platform.manage"


#: Scope of API tokens that may do these acts although nobody is there to prove anything.
UNATTENDED_SCOPE = "acts.unattended"


@dataclass(frozen=True, slots=True)
class Policy:
    """`max_age` None: nothing is asked."""

    max_age: timedelta | None
    acts: frozenset[Act]


def policy_of(settings: Settings) -> Policy:
    """What the settings say. ValueError names an act that does not exist."""
    minutes, names = settings.reauthentication_minutes, settings.reauthentication_acts
    known = {act.value for act in Act}
    if names is not None and (unknown := sorted(set(names) - known)):
        raise ValueError(
            f"SKYCLUST_REAUTHENTICATION_ACTS names what does not exist: {', '.join(unknown)}. "
            f"There are: {', '.join(sorted(known))}."
        )
    acts = frozenset(Act) if names is None else frozenset(Act(name) for name in names)
    return Policy(timedelta(minutes=minutes) if minutes else None, acts)


def no_proof(now: datetime) -> Proof:
    """Of what the platform does by itself, on a schedule: no dangerous act is done so."""
    return Proof(Policy(timedelta(0), frozenset(Act)), now, None)


@dataclass(frozen=True, slots=True)
class Proof:
    """What is known of whoever asks, at `now`. `authenticated_at` None: a program, which `unattended` may let act."""

    policy: Policy
    now: datetime
    authenticated_at: datetime | None
    unattended: bool = False
    has_password: bool = True

    def require(self, act: Act) -> None:
        """401 with what to do for people whose proof is too old, 403 naming the scope for programs."""
        age = self.policy.max_age
        if age is None or act not in self.policy.acts:
            return
        if self.authenticated_at is None:
            if not self.unattended:
                raise attended_only(act, UNATTENDED_SCOPE)
        elif self.authenticated_at + age <= self.now:
            raise insufficient_authentication(act, int(age.total_seconds()), has_password=self.has_password)
