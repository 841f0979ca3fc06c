"""Verify an NDJSON export with nothing but the file and whatever proof its holder has. Pure; called by the CLI.

With the keyring every seal is checked. Without it the links are followed, which proves the content up to the newest
signed head: see docs/adr/0008. Invariant: memory does not grow with the file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson

from skyclust.audit.chaining import FIELDS, PLATFORM, START, Link, Walk, sealed_text, time_text
from skyclust.audit.heads import Head, HeadError, check_head, parse_head
from skyclust.kit.keys import KeySource

#: Hashes by chain and seq, from heads whose signature was checked.
Expected = Mapping[str, Mapping[int, bytes]]


class ExportError(Exception):
    """The file is no export. The text names the line."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in one chain.

    first_seq, entries  the first entry of the file, and how many good ones follow each other from there
    heads, proven_seq   how many exported heads were compared, and the newest entry that one of them proves
    unproven            entries that only the keyring could have proven
    bad_seq, reason     the first bad entry; None and "" when there is none
    """

    chain: str
    first_seq: int
    entries: int
    heads: int
    proven_seq: int
    unproven: int
    bad_seq: int | None
    reason: str


def read_heads(lines: Iterable[bytes]) -> tuple[list[Head], int]:
    """The heads of a file, and how many lines are none: a crash may have cut one."""
    heads, unreadable = [], 0
    for line in lines:
        try:
            heads.append(parse_head(line))
        except HeadError:
            unreadable += bool(line.strip())
    return heads, unreadable


def expected_of(heads: Iterable[Head], trusted: Collection[bytes]) -> Expected:
    """HeadError for a head that none of the trusted keys signed, or that contradicts another."""
    expected: dict[str, dict[int, bytes]] = {}
    for head in heads:
        check_head(head, trusted)
        if expected.setdefault(head.chain, {}).setdefault(head.seq, head.hash) != head.hash:
            raise HeadError(
                f"Two heads of entry {head.seq} of {head.chain} contradict each other: the log was written anew."
            )
    return expected


def verify_export(lines: Iterable[bytes], keys: KeySource | None, expected: Expected) -> list[Report]:
    """One report for each chain in the file, in the order in which they come. ExportError for anything else."""
    chains: dict[str, _Chain] = {}
    for number, line in enumerate(lines, 1):
        chain, link = parse_entry(line, number)
        if chain not in chains:
            chains[chain] = _Chain(chain, link, keys, expected.get(chain, {}))
        chains[chain].take(link)
    return [each.report() for each in chains.values()]


def parse_entry(line: bytes, number: int) -> tuple[str, Link]:
    """An entry's chain and the entry as it is sealed, from its line; ExportError names line `number`."""
    try:
        given = orjson.loads(line)
        chain = given["workspace_id"] or PLATFORM
        document = {name: given[name] for name in FIELDS if name != "chain"}
        document |= {"chain": chain, "at": time_text(datetime.fromisoformat(given["at"]))}
        prev_hash, entry_hash = bytes.fromhex(given["prev_hash"]), bytes.fromhex(given["hash"])
        seal = bytes.fromhex(given["seal"]) if given["seal"] is not None else None
        return chain, Link(given["seq"], sealed_text(document), given["key_id"], prev_hash, entry_hash, seal)
    except (ValueError, KeyError, TypeError) as error:
        raise ExportError(
            f"Line {number} is no entry of an audit log. Use what `skyclust audit export` wrote, as NDJSON and whole."
        ) from error


class _Chain:
    """One chain while its entries come; after its first bad entry the rest of it is not looked at."""

    def __init__(self, name: str, first: Link, keys: KeySource | None, expected: Mapping[int, bytes]) -> None:
        """An export may begin later than the chain where retention has dropped the start, and a head says so."""
        self.name, self.first_seq, self.reason = name, first.seq, ""
        begin, begin_hash = 0, START
        if first.seq > 1 and expected.get(first.seq - 1) == first.prev_hash:
            begin, begin_hash = first.seq - 1, first.prev_hash
        self.begin = begin
        kept = {seq: entry_hash for seq, entry_hash in expected.items() if seq > begin}
        self.walk = Walk(keys, begin, begin_hash, kept)

    def take(self, link: Link) -> None:
        if not self.reason:
            self.reason = self.walk.step(link) or ""

    def report(self) -> Report:
        walk = self.walk
        reason = self.reason or walk.end_of_expected() or ""
        return Report(
            chain=self.name,
            first_seq=self.first_seq,
            entries=walk.seq - self.begin,
            heads=len(walk.expected),
            proven_seq=max((seq for seq in walk.expected if seq <= walk.seq), default=0),
            unproven=walk.unproven,
            bad_seq=walk.bad_seq,
            reason=reason,
        )
