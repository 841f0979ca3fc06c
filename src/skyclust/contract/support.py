"""How long a cloud supports a version of Kubernetes, as findings of plans. Pure; called by pre-flights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from skyclust.contract.checks import warning
from skyclust.contract.provider import KubernetesVersion
from skyclust.contract.resources import Finding

#: Long enough to plan an upgrade.
SOON_DAYS = 90


def support_findings(
    version: str, offered: Sequence[KubernetesVersion], today: date, *, cloud: str, afterwards: str
) -> Iterator[Finding]:
    """A warning where standard support has ended or ends soon. `afterwards` says what comes then, and what it costs.

    Nothing for a version whose end the data does not tell. Patch versions are those of their minor version.
    """
    minor = ".".join(version.split(".")[:2])
    ends = next((item.end_of_standard_support for item in offered if item.name == minor), None)
    if ends is None:
        return
    days = (date.fromisoformat(ends) - today).days
    if days < 0:
        message = f"{cloud}'s standard support of Kubernetes {minor} ended on {ends}. {afterwards}"
        yield warning("/version", f"{message} Choose a newer version.", "extended_support")
    elif days <= SOON_DAYS:
        message = f"{cloud}'s standard support of Kubernetes {minor} ends on {ends}, in {days} days. {afterwards}"
        yield warning("/version", f"{message} Choose a newer version, or plan the upgrade.", "support_ends_soon")
