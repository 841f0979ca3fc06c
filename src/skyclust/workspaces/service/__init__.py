"""What may be done in workspaces.

tenants.py     workspaces and their members
single_sign_on.py  by an identity provider, whose groups give roles
invitations.py  single-use links by which people become members
quotas.py      what a workspace may have at most, held at the end of every transaction that adds something
roles.py       roles of a workspace's own
delegating.py  API tokens: which of their permissions somebody hands to a program
onboarding.py  the first administrator: an account with a workspace
"""

from skyclust.workspaces.service.onboarding import create_bootstrap_token, create_first_admin, register_with_token
from skyclust.workspaces.service.quotas import (
    Limits,
    Use,
    default_limits,
    install_meter,
    kept,
    limits_of,
    measure,
    standings,
)
from skyclust.workspaces.service.tenants import is_suspended, keep

__all__ = [
    "Limits",
    "Use",
    "create_bootstrap_token",
    "create_first_admin",
    "default_limits",
    "install_meter",
    "is_suspended",
    "keep",
    "kept",
    "limits_of",
    "measure",
    "register_with_token",
    "standings",
]
