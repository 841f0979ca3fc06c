"""Our clusters in a kubeconfig that others wrote: it is data, what is not ours stays, it is written whole or not."""

import stat
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as some

from skyclust.entrypoints.cli.client import CliError
from skyclust.entrypoints.cli.kubeconfig_files import BACKUP, MAX_BYTES, default_file, merge_into, merged, parse

FOREIGN = {
    "apiVersion": "v1",
    "kind": "Config",
    "clusters": [{"name": "home", "cluster": {"server": "https://10.1.1.1", "extensions": [{"name": "x"}]}}],
    "users": [{"name": "me", "user": {"client-certificate": "/c.pem"}}],
    "contexts": [{"name": "home", "context": {"cluster": "home", "user": "me", "namespace": "n"}}],
    "current-context": "home",
    "extensions": [{"name": "kept", "extension": {"a": 1}}],
}


def ours(*names, server="https://one"):
    plugin = {"exec": {"command": "skyclust", "args": ["kube-token"]}}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": {"server": server}} for name in names],
        "users": [{"name": name, "user": plugin} for name in names],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}} for name in names],
        "current-context": names[0] if names else "",
    }


def named(document, key):
    return {item["name"]: item for item in document[key]}


@given(some.sets(some.sampled_from("abcdef")), some.sets(some.sampled_from("abcdef")))
def test_entries_of_others_stay_as_they_are(first, second):
    once = merged(FOREIGN, ours(*sorted(first)))
    twice = merged(once, ours(*sorted(second), server="https://two"))
    for key in ("clusters", "users", "contexts"):
        assert twice[key][0] == FOREIGN[key][0]
        assert set(named(twice, key)) == {FOREIGN[key][0]["name"], *first, *second}
    assert (twice["current-context"], twice["extensions"]) == ("home", FOREIGN["extensions"])
    servers = {name: item["cluster"]["server"] for name, item in named(twice, "clusters").items() if name != "home"}
    assert servers == dict.fromkeys(first, "https://one") | dict.fromkeys(second, "https://two")
    assert merged(twice, ours(*sorted(second), server="https://two")) == twice


def test_a_name_that_a_foreign_entry_has_is_not_taken_from_it():
    with pytest.raises(CliError, match="'home'"):
        merged(FOREIGN, ours("home"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: &x [1]\nb: *x\n", "aliases"),
        ("- 1\n", "no kubeconfig"),
        ("kind: Pod\n", "no kubeconfig"),
        ("clusters: {a: b}\n", "clusters"),
        ("users: [{user: {}}]\n", "users"),
        ("a: [\n", "no YAML"),
        ("a: !!python/object/apply:os.system ['true']\n", "no YAML"),
        ("[" * 40 + "]" * 40, "deeper"),
        ("#" * (MAX_BYTES + 1), "larger"),
    ],
)
def test_what_is_no_kubeconfig_is_left_as_it_is(tmp_path, text, why):
    file = tmp_path / "config"
    file.write_text(text)
    with pytest.raises(CliError, match=why):
        merge_into(file, ours("a"))
    assert file.read_text() == text
    assert [item.name for item in tmp_path.iterdir()] == ["config"]


def test_a_merged_file_is_written_whole_for_its_owner_only_with_a_backup(tmp_path):
    file, real = tmp_path / "config", tmp_path / "elsewhere"
    assert merge_into(file, ours("a")) is None
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.rename(real)
    real.chmod(0o644)
    file.symlink_to(real)
    before = real.read_bytes()
    backup = merge_into(file, ours("b"))
    assert file.is_symlink()
    assert backup == tmp_path / f"elsewhere{BACKUP}"
    assert backup.read_bytes() == before
    assert {stat.S_IMODE(each.stat().st_mode) for each in (real, backup)} == {0o600}
    assert list(named(yaml.safe_load(real.read_text()), "contexts")) == ["a", "b"]
    assert {item.name for item in tmp_path.iterdir()} == {"config", "elsewhere", backup.name}


def test_a_file_that_somebody_else_is_writing_is_left_alone(tmp_path):
    file, lock = tmp_path / "config", tmp_path / "config.lock"
    lock.touch()
    with pytest.raises(CliError, match=r"config\.lock"):
        merge_into(file, ours("a"))
    assert not file.exists()
    assert lock.exists()


def test_the_file_is_the_one_that_kubectl_writes(tmp_path):
    assert default_file({"KUBECONFIG": f":{tmp_path / 'a'}:{tmp_path / 'b'}"}) == tmp_path / "a"
    assert default_file({}) == Path.home() / ".kube" / "config"


def test_nothing_is_an_empty_kubeconfig():
    assert parse(b"", "config") == {}
