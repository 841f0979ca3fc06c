"""Amazon Web Services: VPC networks and EKS clusters through aiobotocore.

Found by the entry-point group `skyclust.providers`. Importing this package loads neither an SDK nor data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skyclust.contract.provider import Provider


def provider(environ: Mapping[str, str]) -> Provider:
    """The entry point. `SKYCLUST_AWS_ENDPOINT` in `environ` sends every call to another server (the sandbox).

    `SKYCLUST_AWS_MACHINE_MAY_ASSUME=1` lets credentials without a key assume their role with the machine's identity.
    `SKYCLUST_AWS_KMS_ENDPOINT` is for tests of the key service; a real private one is found by its name.
    """
    from skyclust.providers.aws.cloud import Aws  # noqa: PLC0415 - importing the package must stay cheap

    return Aws(
        endpoint=environ.get("SKYCLUST_AWS_ENDPOINT") or None,
        machine_may_assume=environ.get("SKYCLUST_AWS_MACHINE_MAY_ASSUME") == "1",
        kms=(
            environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or "",
            environ.get("SKYCLUST_AWS_KMS_ENDPOINT") or None,
        ),
    )
