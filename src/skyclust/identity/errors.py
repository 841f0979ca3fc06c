"""What can go wrong while finding out who somebody is. A 401 always says how to authenticate."""

from __future__ import annotations

from skyclust.kit.problems import FieldError, Problem, conflict, invalid, not_found


def unauthenticated(detail: str, *, token_given: bool) -> Problem:
    """401: nobody, or nobody any more. The challenge follows RFC 6750."""
    challenge = 'Bearer realm="skyclust"' + (', error="invalid_token"' if token_given else "")
    return Problem(401, "unauthenticated", "Sign in first", detail, headers={"WWW-Authenticate": challenge})


def wrong_credentials() -> Problem:
    """401 with one text for an unknown address, a wrong password and a disabled user."""
    return Problem(
        401,
        "wrong-credentials",
        "Wrong email or password",
        "Check both and try again. A disabled account gets this answer too.",
        headers={"WWW-Authenticate": 'Bearer realm="skyclust"'},
    )


def too_many_attempts(retry_after_seconds: int) -> Problem:
    """429: locked for a while, whether or not the password would have been right."""
    return Problem(
        429,
        "too-many-attempts",
        "Too many wrong passwords",
        f"Signing in is locked for this account or address. Try again in {retry_after_seconds} seconds.",
        headers={"Retry-After": str(retry_after_seconds)},
    )


def refresh_refused() -> Problem:
    """401: unknown, used or expired refresh token, or its session has ended."""
    return Problem(
        401,
        "refresh-refused",
        "This session cannot be refreshed",
        "The refresh token is unknown, was used before, or its session has ended. Sign in again.",
        headers={"WWW-Authenticate": 'Bearer realm="skyclust", error="invalid_token"'},
    )


def registration_closed() -> Problem:
    """403: there is a user already."""
    return Problem(
        403,
        "registration-closed",
        "Registration is closed",
        "The first administrator exists. Ask an administrator of this installation for an account.",
    )


def bootstrap_refused() -> Problem:
    """403: the link of the first start is needed, and this is not it."""
    return Problem(
        403,
        "bootstrap-refused",
        "This link cannot be used",
        "The first administrator is created with the single-use link that the server printed at its first start. "
        "Use the newest link; restart the server to get another one.",
    )


def platform_admin_only() -> Problem:
    """403: users are the business of the installation's administrators."""
    return Problem(
        403,
        "forbidden",
        "Not allowed",
        "This needs the permission platform.admin. Ask an administrator of this installation.",
        missing_permission="platform.admin",
    )


def code_required() -> Problem:
    """401: the password is right, the code is missing."""
    return Problem(
        401,
        "second-factor-required",
        "A code is needed",
        "This account has a second factor. Send the code of your authenticator app, or a recovery code, as `code`.",
        headers={"WWW-Authenticate": 'Bearer realm="skyclust"'},
    )


def code_refused() -> Problem:
    """401: a code that is wrong, was used before, or is too old."""
    return Problem(
        401,
        "wrong-second-factor",
        "This code does not work",
        "Each code works once, for half a minute. Take the next one, or a recovery code that was not used yet.",
        headers={"WWW-Authenticate": 'Bearer realm="skyclust"'},
    )


def wrong_code(pointer: str = "/code") -> Problem:
    """422: while setting up or taking off."""
    return invalid(
        [FieldError(pointer, "This code does not work. Check the clock of your phone and take the next one.")]
    )


def factor_exists() -> Problem:
    """409: take the old one off first."""
    return conflict("second-factor-exists", "There is a second factor", "Take it off first, then set up the new one.")


def factor_unreadable(detail: str) -> Problem:
    """503: nobody with a second factor signs in until the operator has brought the keyring back."""
    return Problem(503, "keyring-incomplete", "A key is missing", detail)


def no_factor() -> Problem:
    """404: nothing to confirm or take off."""
    return not_found("second factor")


def grant_refused() -> Problem:
    """401: unknown, used, too old, or collected by somebody who did not begin."""
    return Problem(
        401,
        "grant-refused",
        "This sign-in cannot be finished",
        "The grant is unknown, was used before, or is too old. Begin the sign-in again.",
        headers={"WWW-Authenticate": 'Bearer realm="skyclust"'},
    )


def insufficient_authentication(act: str, max_age_seconds: int, *, has_password: bool) -> Problem:
    """401: signed in, but too long ago for this. The challenge follows RFC 9470."""
    how = (
        "Prove who you are with POST /api/v1/auth/reauthenticate (password, and code with a second factor)"
        if has_password
        else "Sign in again with the identity provider (/api/v1/auth/oidc/login?fresh=true)"
    )
    return Problem(
        401,
        "insufficient-user-authentication",
        "Prove again who you are",
        f"This ({act}) needs a sign-in that is at most {max_age_seconds // 60} minutes old. {how}, then repeat the "
        "request.",
        headers={
            "WWW-Authenticate": 'Bearer realm="skyclust", error="insufficient_user_authentication", '
            f'error_description="a more recent authentication is required", max_age="{max_age_seconds}"'
        },
        act=act,
        max_age_seconds=max_age_seconds,
        by="password" if has_password else "single-sign-on",
    )


def attended_only(act: str, scope: str) -> Problem:
    """403: a program cannot prove anything."""
    return Problem(
        403,
        "forbidden",
        "Not allowed",
        f"This ({act}) asks people for a fresh sign-in, which a program cannot give. Make a token that also has the "
        f"scope {scope}, if it is to do such things unattended.",
        missing_permission=scope,
    )


def session_only() -> Problem:
    """403: a program does not hand out or take away ways to sign in."""
    return Problem(
        403,
        "session-required",
        "Sign in for this",
        "An API token cannot manage passwords, sessions or tokens. Sign in with /auth/login and use that access token.",
    )


def too_many_tokens(allowed: int) -> Problem:
    """409: somebody forgot to revoke."""
    return conflict("too-many-tokens", "Too many API tokens", f"{allowed} of yours work. Revoke some, then try again.")


def token_not_found() -> Problem:
    """404, also for somebody else's token."""
    return not_found("API token")


def weak_password(detail: str, pointer: str = "/password") -> Problem:
    """422 that says what a password must be."""
    return invalid([FieldError(pointer, detail)])


def email_taken(email: str) -> Problem:
    """409: one account per address."""
    return conflict("email-taken", "There is an account with this email", f"{email} is in use. Choose another one.")


def last_platform_admin() -> Problem:
    """409: somebody must be able to let people in."""
    return conflict(
        "last-platform-admin",
        "This is the last administrator of the installation",
        "Make somebody else an administrator first.",
    )


def user_not_found() -> Problem:
    """404."""
    return not_found("user")


def session_not_found() -> Problem:
    """404, also for somebody else's session."""
    return not_found("session")
