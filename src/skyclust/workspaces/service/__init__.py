"""What may be done in workspaces.

tenants.py     workspaces and their members
single_sign_on.py  by an identity provider, whose groups give roles
invitations.py  single-use links by which people become members
roles.py       roles of a workspace's own
delegating.py  API tokens: which of their permissions somebody hands to a program
onboarding.py  the first administrator: an account with a workspace
"""

from skyclust.workspaces.service.onboarding import create_bootstrap_token, create_first_admin, register_with_token
from skyclust.workspaces.service.tenants import keep

__all__ = ["create_bootstrap_token", "create_first_admin", "keep", "register_with_token"]
