"""An export is verified without a server: by the keyring, by a signed head and a public key, or by its links alone."""

import hmac
import json
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from skyclust.audit.chaining import FIELDS, PURPOSE, START, Entry, chain_of, link_hash, plain, seal_of, sealed_text
from skyclust.audit.exporting import ndjson_line
from skyclust.audit.heads import HeadError, Kind, public_key, sign
from skyclust.audit.models import AuditEntryRow
from skyclust.audit.offline import ExportError, expected_of, read_heads, verify_export
from skyclust.credentials.keyring import Keyring
from skyclust.entrypoints.cli import app
from tenancy import KEYS

KEYRING = Keyring("old", KEYS)
PUBLIC = public_key(KEYRING, "old")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PLACE = UUID(int=9)
AWKWARD = {"text": 'ü "\\ \U0001f600 =1+1', "float": 1e-9, "one": 1.0, "none": None, "list": [{"b": 1, "a": []}]}


def exported(count, *, old=0, workspace_id=PLACE, start=(0, START)):
    """Lines of a chain, the first `old` of them sealed as before schema 0013; every second time has no microseconds."""
    begin, previous = start
    lines = []
    for seq in range(begin + 1, begin + count + 1):
        at = NOW + timedelta(minutes=seq, microseconds=seq % 2)
        data = plain(AWKWARD | {"number": seq})
        entry = Entry(
            chain_of(workspace_id), seq, uuid4(), at, None, "a", "10.0.0.1", "r", "x.y", "t/1", "success", data
        )
        row = AuditEntryRow(
            **{name: getattr(entry, name) for name in FIELDS}, workspace_id=workspace_id, segment=date(2026, 3, 1),
            key_id="old", prev_hash=previous,
        )  # fmt: skip
        if seq <= old:
            key = KEYRING.derived("old", PURPOSE)
            row.hash, row.seal = hmac.digest(key, previous + entry.sealed_text(), "sha256"), None
        else:
            row.hash = link_hash(previous, entry.sealed_text())
            row.seal = seal_of(KEYRING, "old", row.hash)
        previous = row.hash
        lines.append(ndjson_line(row))
    return lines


def head_line(line, keys=KEYRING):
    entry = json.loads(line)
    chain = chain_of(UUID(entry["workspace_id"]) if entry["workspace_id"] else None)
    return sign(keys, Kind.HEAD, chain, entry["seq"], bytes.fromhex(entry["hash"]), NOW).line()


def changed(line, **fields):
    return json.dumps(json.loads(line) | fields).encode()


def rebuilt(lines, at, **fields):
    """Changed at `at`, and every link after it made anew by somebody who has no key."""
    rewritten, previous = list(lines[: at - 1]), bytes.fromhex(json.loads(lines[at - 1])["prev_hash"])
    for index, line in enumerate(lines[at - 1 :]):
        given = json.loads(line) | (fields if not index else {}) | {"prev_hash": previous.hex()}
        document = {name: given[name] for name in FIELDS if name != "chain"}
        when = datetime.fromisoformat(given["at"]).isoformat(timespec="microseconds")
        previous = link_hash(previous, sealed_text(document | {"chain": given["workspace_id"], "at": when}))
        rewritten.append(json.dumps(given | {"hash": previous.hex()}).encode())
    return rewritten


#: What is done to ten lines, and the first bad entry by: keyring, head of entry 10, links alone (None = not found).
TAMPERING = {
    "nothing": (lambda lines: lines, None, None, None),
    "an entry changed": (lambda lines: [*lines[:4], changed(lines[4], action="z"), *lines[5:]], 5, 5, 5),
    "its data changed": (lambda lines: [*lines[:4], changed(lines[4], data={}), *lines[5:]], 5, 5, 5),
    "an entry deleted": (lambda lines: [*lines[:4], *lines[5:]], 5, 5, 5),
    "the first deleted": (lambda lines: lines[1:], 1, 1, 1),
    "two exchanged": (lambda lines: [*lines[:4], lines[5], lines[4], *lines[6:]], 5, 5, 5),
    "one inserted twice": (lambda lines: [*lines[:5], *lines[4:]], 5, 5, 5),
    "a foreign one inserted": (lambda lines: [*lines[:4], changed(lines[3], seq=5), *lines[4:]], 5, 5, 5),
    "changed, with new links": (lambda lines: rebuilt(lines, 5, action="z"), 5, 10, None),
    "the tail cut off": (lambda lines: lines[:7], None, 8, None),
}


@pytest.mark.parametrize("name", TAMPERING)
def test_the_first_bad_entry_is_named_as_far_as_the_proof_at_hand_reaches(name):
    tamper, by_keys, by_head, by_links = TAMPERING[name]
    lines = exported(10)
    expected = expected_of(read_heads([head_line(lines[9])])[0], [PUBLIC])
    tampered = tamper(lines)
    found = [
        verify_export(tampered, keys, heads)[0].bad_seq for keys, heads in ((KEYRING, {}), (None, expected), (None, {}))
    ]
    assert found == [by_keys, by_head, by_links]


def test_entries_of_before_need_the_keyring_and_new_ones_follow_them():
    lines = exported(6, old=3)
    with_keys, without = verify_export(lines, KEYRING, {})[0], verify_export(lines, None, {})[0]
    assert (with_keys.entries, with_keys.unproven, with_keys.reason) == (6, 0, "")
    assert (without.entries, without.unproven, without.reason) == (6, 3, "")
    tampered = [changed(lines[0], action="z"), *lines[1:]]
    assert verify_export(tampered, KEYRING, {})[0].bad_seq == 1
    assert verify_export(tampered, None, {})[0].unproven == 6 - 3


def test_an_entry_cannot_be_passed_off_as_an_old_one():
    lines = exported(3)
    assert verify_export([changed(lines[0], seal=None, action="z"), *lines[1:]], KEYRING, {})[0].bad_seq == 1


def test_several_chains_of_one_file_are_told_apart():
    lines = [*exported(3), *exported(2, workspace_id=None)]
    lines[4] = changed(lines[4], action="z")
    reports = verify_export(lines, KEYRING, {})
    assert [(report.chain, report.entries, report.bad_seq) for report in reports] == [
        (str(PLACE), 3, None),
        ("platform", 1, 2),
    ]


def test_an_export_may_begin_after_a_head_and_after_nothing_else():
    whole = exported(10)
    late = whole[4:]
    head = expected_of(read_heads([head_line(whole[3])])[0], [PUBLIC])
    other = expected_of(read_heads([head_line(whole[2])])[0], [PUBLIC])
    fine, alone, wrong = (verify_export(late, KEYRING, heads)[0] for heads in (head, {}, other))
    assert (fine.first_seq, fine.entries, fine.reason) == (5, 6, "")
    assert (alone.bad_seq, wrong.bad_seq) == (1, 1)


def test_heads_of_strangers_and_heads_that_contradict_each_other_are_refused():
    line = exported(1)[0]
    stranger = head_line(line, Keyring("old", {"old": bytes(32)}))
    other = sign(KEYRING, Kind.HEAD, str(PLACE), 1, bytes(32), NOW).line()
    for heads in ([stranger], [head_line(line), other]):
        with pytest.raises(HeadError):
            expected_of(read_heads(heads)[0], [PUBLIC])


def test_a_cut_line_of_heads_is_passed_over_and_counted():
    line = head_line(exported(1)[0])
    heads, unreadable = read_heads([line, line[:40], b"\n", line])
    assert (len(heads), unreadable) == (2, 1)


@pytest.mark.parametrize("line", [b"{}", b"[]", b"x", b"\xff", b'{"workspace_id": 5}'])
def test_what_is_no_export_is_refused_with_its_line(line):
    with pytest.raises(ExportError, match="Line 2"):
        verify_export([*exported(1), line], KEYRING, {})


@pytest.fixture
def files(tmp_path):
    """An export, its head, the keyring, and the way to run the command on them."""
    lines = exported(4)
    (tmp_path / "export").write_bytes(b"".join(lines))
    (tmp_path / "cut").write_bytes(b"".join(lines[:2]))
    (tmp_path / "heads").write_bytes(head_line(lines[3]))
    document = {"active": "old", "keys": {"old": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}}
    (tmp_path / "keyring").write_text(json.dumps(document))
    (tmp_path / "keyring").chmod(0o600)

    def verify(file, **options):
        given = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", str(value))]
        return app.run(["audit", "verify", "--file", str(tmp_path / file), *given])

    return tmp_path, verify


def test_the_command_says_how_much_is_proven(files, capsys):
    folder, verify = files
    assert verify("export", keyring=folder / "keyring") == 0
    assert "1 to 4 are whole; 0 exported heads fit. Every seal is good." in capsys.readouterr().out
    assert verify("export", head=folder / "heads", public_key=PUBLIC.hex()) == 0
    assert "Up to entry 4 a signed head proves it." in capsys.readouterr().out
    assert verify("export") == 0
    assert "could have made them fit" in capsys.readouterr().out


def test_the_command_ends_with_one_and_names_the_entry(files, capsys):
    folder, verify = files
    assert verify("cut", keyring=folder / "keyring") == 0
    assert verify("cut", keyring=folder / "keyring", head=folder / "heads") == 1
    assert "entry 3: it is missing" in capsys.readouterr().out


@pytest.mark.parametrize(
    "options",
    [{"head": "heads"}, {"head": "heads", "public_key": "00" * 32}, {"public_key": "zz"}, {"keyring": "none"}],
)
def test_without_a_proof_of_their_own_heads_and_keys_are_refused(files, options):
    folder, verify = files
    given = {name: folder / value if name != "public_key" else value for name, value in options.items()}
    assert verify("export", **given) == 1
