"""Wire shapes of identity. Passwords and refresh tokens print as stars."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AliasChoices, Field, SecretStr, StringConstraints

from skyclust.identity.passwords import MAX_LENGTH
from skyclust.kit.schemas import Answer, Body, Name, ShortText

_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f<>()\[\]\\,;:\"]+@[^@\s\x00-\x1f\x7f<>()\[\]\\,;:\"]+")


def normalised_email(text: str) -> str:
    """One spelling per mailbox, as far as that can be known: NFKC, trimmed, lower case."""
    email = unicodedata.normalize("NFKC", text).strip().lower()
    if not _EMAIL.fullmatch(email):
        raise ValueError("Give an email address such as name@example.com.")
    return email


Email = Annotated[str, StringConstraints(min_length=3, max_length=254), AfterValidator(normalised_email)]
Password = Annotated[SecretStr, Field(min_length=1, max_length=MAX_LENGTH)]
TokenText = Annotated[str, Field(max_length=4096)]


Code = Annotated[str, StringConstraints(min_length=6, max_length=32, pattern=r"^[0-9A-Za-z -]+$")]


class CurrentPasswordBody(Body):
    """The current password proves that whoever asks is more than the finder of a session."""

    current_password: Password


class CodeBody(Body):
    """A code of the authenticator app."""

    code: Code


class FactorRemovalBody(Body):
    """Password and a code, or a recovery code."""

    current_password: Password
    code: Code


class RegisterBody(Body):
    """The first administrator. `token` is the last part of the link that the first start printed."""

    email: Email
    password: Password
    display_name: Name | None = None
    token: Annotated[SecretStr, Field(max_length=128)] | None = None


class LoginBody(Body):
    """Who signs in. `code`: of the authenticator app or a recovery code, for accounts with a second factor."""

    email: Email
    password: Password
    code: Code | None = None


class ReauthenticationBody(Body):
    """The proof of somebody who is signed in already: as at signing in, without the email."""

    password: Password
    code: Code | None = None


class RefreshBody(Body):
    """The newest refresh token of the session; left out where a cookie holds it."""

    refresh_token: Annotated[SecretStr, Field(max_length=128)] = SecretStr("")


class PasswordBody(Body):
    """A new password; the current one proves who asks."""

    current_password: Password
    new_password: Password


class UserBody(Body):
    """A new user. They sign in with this password and should change it."""

    email: Email
    password: Password
    display_name: Name | None = None
    is_platform_admin: bool = False


class UserPatch(Body):
    """What changes about a user. Disabling ends all sessions at once."""

    display_name: Name | None = None
    disabled: bool | None = None
    is_platform_admin: bool | None = None


class TokensAnswer(Answer):
    """A session's tokens. The refresh token works once; each refresh answers the next one.

    `refresh_token` is empty where a cookie holds it (X-Refresh-Token-Place).
    """

    access_token: TokenText
    refresh_token: TokenText
    token_type: Annotated[str, Field(max_length=16)] = "bearer"  # noqa: S105 - RFC 6749's word
    expires_in: Annotated[int, Field(description="seconds until the access token expires")]


class UserAnswer(Answer):
    """A user."""

    id: UUID
    email: ShortText
    display_name: ShortText
    is_platform_admin: bool
    created_at: datetime
    disabled_at: datetime | None


class SessionAnswer(Answer):
    """One sign-in of a user. `authenticated_at`: when they last proved who they are."""

    id: UUID
    address: ShortText
    user_agent: ShortText
    created_at: datetime
    last_used_at: datetime
    authenticated_at: datetime
    expires_at: datetime
    current: bool


class SecondFactorAnswer(Answer):
    """The caller's second factor."""

    enabled: bool
    since: datetime | None
    recovery_codes_left: int


class FactorSetupAnswer(Answer):
    """For the authenticator app: the text to type, and the same for a QR code. Shown this once."""

    shared_secret: TokenText
    uri: TokenText


class RecoveryCodesAnswer(Answer):
    """Ten codes, each for one sign-in without the app. Shown this once."""

    recovery_codes: Annotated[list[ShortText], Field(max_length=10)]


class ApiTokenAnswer(Answer):
    """A token for programs, without its text."""

    id: UUID
    name: ShortText
    hint: Annotated[str, Field(max_length=8, description="the last characters of its text")]
    scopes: Annotated[list[ShortText], Field(max_length=100)]
    workspace_id: Annotated[UUID | None, Field(validation_alias=AliasChoices("limited_to", "workspace_id"))]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    last_used_address: ShortText


class NewApiTokenAnswer(ApiTokenAnswer):
    """A token with its text, which is shown this once."""

    token: TokenText


class SessionsAnswer(Answer):
    """Live sessions, newest first."""

    items: Annotated[list[SessionAnswer], Field(max_length=100)]
