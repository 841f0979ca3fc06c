"""What may be done in identity.

sessions.py  sign in, refresh, sign out, change the password
accounts.py  users and the first administrator
programs.py  API tokens
factors.py   the second factor
sign_ons.py  what single sign-on keeps
gates.py     what signing in needs of the application and the request
"""

from skyclust.identity import oidc
from skyclust.identity.freshness import UNATTENDED_SCOPE, Act, Proof, no_proof, policy_of
from skyclust.identity.models import ApiTokenRow, UserRow
from skyclust.identity.tokens import hash_token, new_refresh_token

__all__ = [
    "UNATTENDED_SCOPE",
    "Act",
    "ApiTokenRow",
    "Proof",
    "UserRow",
    "hash_token",
    "new_refresh_token",
    "no_proof",
    "oidc",
    "policy_of",
]
