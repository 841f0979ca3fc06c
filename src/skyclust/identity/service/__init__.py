"""What may be done in identity.

sessions.py  sign in, refresh, sign out, change the password
accounts.py  users and the first administrator
gates.py     what signing in needs of the application and the request
"""

from skyclust.identity.models import UserRow

__all__ = ["UserRow"]
