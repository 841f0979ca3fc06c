"""Tables of identity. None belongs to a workspace; passwords and tokens are kept as hashes only."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from skyclust.kit.db import Model

#: No password has this hash: the account signs in by the identity provider alone.
NO_PASSWORD = "none"  # noqa: S105 - the absence of one


class UserRow(Model):
    """A person. `email` is normalised; a disabled user keeps the row, so that the audit log keeps its meaning."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    display_name: Mapped[str] = mapped_column(String(100))
    password_hash: Mapped[str] = mapped_column(String(256))
    is_platform_admin: Mapped[bool]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]

    def __repr__(self) -> str:
        return f"UserRow(id={self.id})"


class SessionRow(Model):
    """One sign-in, and the family of its refresh tokens. Ended by logout, by reuse of a token, or by time."""

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_user_id", "user_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    address: Mapped[str] = mapped_column(String(64))
    user_agent: Mapped[str] = mapped_column(String(256))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    #: When the user last proved who they are: signing in, or again since (POST /auth/reauthenticate).
    authenticated_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    #: "logout" | "ended" | "disabled" | "password-changed" | "refresh-reused" | "reauthenticated" | "by-administrator"
    end_reason: Mapped[str | None] = mapped_column(String(32))


class RefreshTokenRow(Model):
    """A single-use token, kept as SHA-256 of 256 random bits."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (Index("ix_refresh_tokens_session_id", "session_id"),)

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ApiTokenRow(Model):
    """A token for programs, kept as SHA-256 of 256 random bits. It acts for its user, within its scopes.

    scopes        names of permissions; what the user may not do, the token may not do either
    limited_to    the only workspace in which it works; None = all of the user's
    hint          the last characters, so that a person can tell two tokens apart
    """

    __tablename__ = "api_tokens"
    __table_args__ = (Index("ix_api_tokens_user_id_id", "user_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(100))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    hint: Mapped[str] = mapped_column(String(8))
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String(50)))
    limited_to: Mapped[UUID | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    last_used_address: Mapped[str] = mapped_column(String(64))
    revoked_at: Mapped[datetime | None]


class SecondFactorRow(Model):
    """The secret shared with a user's authenticator app, sealed. It counts once it is confirmed.

    last_step  the 30 seconds whose code was used last; none of those before works any more
    """

    __tablename__ = "second_factors"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(64))
    sealed_secret: Mapped[bytes] = mapped_column(LargeBinary(128))
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int | None] = mapped_column(BigInteger)


class RecoveryCodeRow(Model):
    """A code for the day the phone is gone, kept as SHA-256 of 80 random bits. Works once."""

    __tablename__ = "recovery_codes"
    __table_args__ = (Index("ix_recovery_codes_user_id", "user_id"),)

    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("second_factors.user_id", ondelete="CASCADE"))
    used_at: Mapped[datetime | None]


class LoginAttemptRow(Model):
    """One try to sign in. Written before the password is looked at, so that parallel guesses count each other."""

    __tablename__ = "login_attempts"
    __table_args__ = (
        Index("ix_login_attempts_account_at", "account", "at"),
        Index("ix_login_attempts_address_at", "address", "at"),
        Index("ix_login_attempts_at", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    #: SHA-256 of the normalised address that was typed, whether or not there is such a user.
    account: Mapped[bytes] = mapped_column(LargeBinary(32))
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    succeeded: Mapped[bool]


class UserIdentityRow(Model):
    """An account at the identity provider and whose it is here. `subject` is the provider's own id, never an email."""

    __tablename__ = "user_identities"
    __table_args__ = (Index("ix_user_identities_user_id", "user_id"),)

    issuer: Mapped[str] = mapped_column(String(512), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]


class SignOnStateRow(Model):
    """A sign-in at the identity provider that has begun. Deleted when it comes back; nonce and verifier are derived."""

    __tablename__ = "sign_on_states"

    state_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(64))
    return_to: Mapped[str] = mapped_column(String(2048))
    challenge: Mapped[str] = mapped_column(String(128))
    expires_at: Mapped[datetime]


class SignOnGrantRow(Model):
    """Somebody has signed in; whoever knows the challenge's verifier collects the tokens, once."""

    __tablename__ = "sign_on_grants"

    grant_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    challenge: Mapped[str] = mapped_column(String(128))
    #: When the provider says that they proved who they are; None when it does not say.
    authenticated_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]


class BootstrapTokenRow(Model):
    """The single-use link of the first start. At most one is unused."""

    __tablename__ = "bootstrap_tokens"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
