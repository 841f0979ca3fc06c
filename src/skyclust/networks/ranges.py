"""Address ranges of a workspace over all clouds: who has which, who overlaps, what is free. Called by the service.

Invariant: pure. Rules of one cloud (sizes, addresses it keeps, ranges it forbids) are no matter of this module:
`Provider.validate_network` judges what is proposed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from itertools import islice

from skyclust.contract.provider import Provider
from skyclust.contract.resources import Finding
from skyclust.contract.specs import NetworkSpec
from skyclust.networks.cidrs import PRIVATE, free_block, free_ranges, parse_cidr

OVERLAP = "overlap"
#: A plan names so many overlaps and counts the others.
MOST_TOLD = 10
#: So many free ranges are shown to a cloud before one gives up.
MOST_JUDGED = 1024
CIDR_POINTER = "/cidr_block"


@dataclass(frozen=True, slots=True)
class Range:
    """A range that something of the workspace has. `use` is network | pods | services, `name` whose it is.

    Pods and services have ranges of their own only where they lie outside their network's.
    """

    block: IPv4Network
    use: str
    name: str
    provider: str
    account: str
    region: str

    def is_at(self, provider: str, account: str, region: str) -> bool:
        """Whether it lies in that place."""
        return (self.provider, self.account, self.region) == (provider, account, region)

    def told(self) -> str:
        """For a sentence."""
        whose = f"network {self.name!r}" if self.use == "network" else f"cluster {self.name!r} ({self.use})"
        return f"{self.block} of the {whose} on {self.provider} in {self.region}"


def overlap_findings(
    text: str, taken: Sequence[Range], at: str = "", *, refuse: bool = False
) -> tuple[Finding, ...]:  # fmt: skip
    """Overlaps that a cloud allows but that keep networks apart for good: warnings, or errors for who wants it so."""
    block = parse_cidr(text)
    if isinstance(block, str):
        return ()
    hits = [other for other in taken if block.overlaps(other.block)]
    free = next(free_ranges(PRIVATE, [other.block for other in taken], block.prefixlen), None)
    remedy = f" Free everywhere: {free}." if free is not None else ""
    severity = "error" if refuse else "warning"
    sentences = [
        f"{block} overlaps {hit.told()}: the two could never be peered or routed to each other.{remedy}"
        for hit in hits[:MOST_TOLD]
    ]
    if len(hits) > MOST_TOLD:
        sentences.append(f"{block} overlaps {len(hits) - MOST_TOLD} more ranges of the workspace.{remedy}")
    return tuple(Finding(severity, f"{at}{CIDR_POINTER}", sentence, OVERLAP) for sentence in sentences)


def to_avoid(ranges: Sequence[Range], provider: str, account: str, region: str, prefix: int = 16) -> list[str]:
    """What a network without a block keeps clear of: everything; where that leaves no room, what is in its place."""
    if next(free_ranges(PRIVATE, [item.block for item in ranges], prefix), None) is not None:
        return [str(item.block) for item in ranges]
    return [str(item.block) for item in ranges if item.is_at(provider, account, region)]


def kept_or_free(text: str, avoided: Iterable[str]) -> str:
    """The block while nothing overlaps it; else the first free one of its size."""
    block, others = parse_cidr(text), list(avoided)
    if isinstance(block, str):
        return text
    blocks = [other for other in map(parse_cidr, others) if isinstance(other, IPv4Network)]
    if any(block.overlaps(other) for other in blocks):
        return free_block(others, block.prefixlen)
    return text


@dataclass(frozen=True, slots=True)
class Proposed:
    """Free ranges, lowest first; `objection` is a cloud's against the last one that it refused."""

    blocks: tuple[IPv4Network, ...]
    objection: str = ""


def propose(
    within: IPv4Network, prefix: int, taken: Iterable[IPv4Network], count: int, provider: Provider | None, region: str
) -> Proposed:
    """Up to `count` ranges that are free, and that the cloud finds nothing against when one is named."""
    free = free_ranges(within, taken, prefix)
    if provider is None:
        return Proposed(tuple(islice(free, count)))
    blocks: list[IPv4Network] = []
    objection = ""
    for block in islice(free, MOST_JUDGED):
        against = next(_objections(provider, block, region), None)
        if against is None:
            blocks.append(block)
        else:
            objection = against
        if len(blocks) == count:
            break
    return Proposed(tuple(blocks), objection)


def _objections(provider: Provider, block: IPv4Network, region: str) -> Iterator[str]:
    """What the cloud has against a plain network of this range, warnings included."""
    spec = NetworkSpec("network", region, str(block), carve=False)
    return (finding.message for finding in provider.validate_network(spec) if finding.field == CIDR_POINTER)
