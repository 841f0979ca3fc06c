"""On the server's own machine: keys, unsafe settings, retention. Needs no login; needs the server's files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from skyclust.entrypoints.cli.client import CliError
from skyclust.entrypoints.cli.output import Format, show

if TYPE_CHECKING:
    from skyclust.kit.settings import Settings

COLUMNS = (("", "severity"), ("WHAT", "what"), ("WHY", "why"), ("DO", "remedy"))


def rotate_keys(*, data_dir: Path | None = None, only_rewrap: Annotated[bool, Parameter(negative=())] = False) -> None:
    """Seal everything under a new key, while the servers go on.

    With SKYCLUST_KMS_KEY_ID every key of the keyring is locked by that key afterwards, and by no other.

    Parameters
    ----------
    data_dir
        The servers' data folder; SKYCLUST_DATA_DIR, else ./data.
    only_rewrap
        Make no new key. For keys in SKYCLUST_ENCRYPTION_KEY (put the new one first, restart the servers, then run
        this), and to go on after an interruption.
    """
    import asyncio
    import os

    from skyclust.contract.keys import KeyServiceError
    from skyclust.contract.registry import load_providers
    from skyclust.credentials.keyring import KeyringError
    from skyclust.entrypoints.administering import NotHereError, rotate_keys

    providers = load_providers(os.environ).values()
    try:
        done = asyncio.run(rotate_keys(_settings(data_dir), providers, new_key=not only_rewrap, tell=print))
    except (NotHereError, KeyringError, KeyServiceError) as refused:
        raise CliError(str(refused)) from refused
    print(
        f"Everything is sealed under the key {done.key_id}: {done.credentials} credentials and {done.factors} second "
        f"factors in {done.seconds:.1f} s.\nKeep the old keys: the audit log's older entries are sealed under them. "
        "Back the keyring up, apart from the database."
    )


def doctor(*, data_dir: Path | None = None, output: Format = "table") -> None:
    """Look for unsafe settings; ends with an error when something is wrong.

    Parameters
    ----------
    data_dir
        The servers' data folder; SKYCLUST_DATA_DIR, else ./data.
    output
        table, json or yaml.
    """
    import asyncio
    import os

    from skyclust.entrypoints.doctoring import examine

    findings = asyncio.run(examine(_settings(data_dir), os.environ))
    shown = [
        {"severity": item.severity, "what": item.what, "why": item.why, "remedy": item.remedy} for item in findings
    ]
    if findings or output != "table":
        show(shown, output, COLUMNS)
    else:
        print("Nothing unsafe was found.")
    errors = sum(item.severity == "error" for item in findings)
    if errors:
        raise CliError(f"{errors} finding(s) must be mended before anybody else uses this installation.")


def audit_key(*, data_dir: Path | None = None) -> None:
    """Print the public keys that sign the audit log's heads: enough to verify an export elsewhere.

    Parameters
    ----------
    data_dir
        The servers' data folder; SKYCLUST_DATA_DIR, else ./data.
    """
    import os

    from skyclust.audit.heads import public_key
    from skyclust.contract.registry import load_providers
    from skyclust.credentials.keyring import KeyringError
    from skyclust.credentials.keyring_opening import open_keyring

    try:
        keys = open_keyring(_settings(data_dir), load_providers(os.environ).values())
    except KeyringError as refused:
        raise CliError(str(refused)) from refused
    for key_id in sorted(keys.ids, key=lambda each: each != keys.active_id):
        print(f"{public_key(keys, key_id).hex()}  {key_id}{'  (active)' if key_id == keys.active_id else ''}")


def audit_retention(
    *,
    keep_days: int,
    data_dir: Path | None = None,
    dry_run: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Drop the oldest months of the audit log; what stays can still be verified.

    Needs the database's owner: SKYCLUST_DATABASE_URL as `skyclust migrate` has it, or the embedded database.

    Parameters
    ----------
    keep_days
        How much to keep at least, 30 or more.
    data_dir
        The servers' data folder; SKYCLUST_DATA_DIR, else ./data.
    dry_run
        Verify and say what would go.
    """
    import asyncio
    import os

    from skyclust.audit.retention import RetentionError
    from skyclust.audit.sinks import SinkError
    from skyclust.contract.registry import load_providers
    from skyclust.credentials.keyring import KeyringError
    from skyclust.entrypoints.administering import NotHereError, shorten_audit_log
    from skyclust.kit.clock import SystemClock

    shortening = shorten_audit_log(
        _settings(data_dir), load_providers(os.environ).values(), keep_days=keep_days, dry_run=dry_run,
        clock=SystemClock(),
    )  # fmt: skip
    try:
        done = asyncio.run(shortening)
    except (NotHereError, KeyringError, RetentionError, SinkError) as refused:
        raise CliError(str(refused)) from refused
    what = f"{done.entries} entries of {done.chains} chain(s) from before {done.before}"
    print(f"{what} would go." if dry_run else f"{what} are gone; their last heads are with every sink.")


def _settings(data_dir: Path | None) -> Settings:
    from skyclust.kit.settings import Settings

    return Settings(data_dir=data_dir) if data_dir is not None else Settings()
