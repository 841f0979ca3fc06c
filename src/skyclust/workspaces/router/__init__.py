"""Routes of workspaces.

tenants.py  workspaces and members, and those that need to know workspaces: /auth/register, /auth/me, POST /tokens
quotas.py   what a workspace may have at most, and what it has
joining.py  roles of a workspace's own, invitations
sign_on.py  single sign-on, which gives roles by groups
"""

from __future__ import annotations

from fastapi import APIRouter

from skyclust.workspaces.router import joining, quotas, sign_on, tenants

router = APIRouter()
for part in (tenants, quotas, joining, sign_on):
    router.routes.extend(part.router.routes)
