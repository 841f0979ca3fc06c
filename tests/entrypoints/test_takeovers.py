"""import, manage and release on the command line: what is asked of the API and what is shown before the question."""

import pytest

from skyclust.entrypoints.cli import app
from skyclust.entrypoints.cli.commands import takeovers

LINE = {"key": "cluster", "kind": "k", "title": "control plane", "verb": "import", "expected_seconds": 0,
        "usd_per_month": 0, "price": None, "changes": []}  # fmt: skip
PLAN = {"digest": "d1", "ok": True, "managed": True, "following": [], "changes": [LINE], "findings": [],
        "usd_per_month": 0.0, "expected_seconds": 0}  # fmt: skip
CLUSTER = {"id": "c-1", "name": "legacy", "provider": "sim", "region": "r", "credential_id": "k-1"}
NETWORK = {"id": "n-1", "name": "net", "provider": "sim", "region": "r", "external_id": "vpc-1"}


class FakeApi:
    """Answers what each route would, and remembers what was posted."""

    def __init__(self, plan=PLAN):
        self.plan, self.posted = plan, []

    def items(self, path, **params):
        self.posted.append(("GET", path, params))
        listed = {
            "/clusters": [CLUSTER],
            "/networks": [NETWORK],
            "/credentials": [{"id": "k-1", "name": "k", "provider": "sim"}],
        }
        return iter(listed.get(path, [{"name": "legacy", "external_id": "x-1", "region": "r", "taken": False}]))

    def post(self, path, body=None, **params):
        self.posted.append(("POST", path, (body or {}) | params))
        return self.plan if params.get("dry_run") else {"id": "op-1"}

    def sent(self):
        return [(path, given) for method, path, given in self.posted if method == "POST"]


@pytest.fixture
def api(monkeypatch):
    made = FakeApi()
    monkeypatch.setattr(takeovers.Api, "from_environment", classmethod(lambda _: made))
    return made


def test_without_a_name_what_exists_is_listed(api, capsys):
    assert app.run(["clusters", "import", "--provider", "sim", "--region", "r"]) == 0
    assert "x-1" in capsys.readouterr().out
    assert api.posted[-1] == (
        "GET", "/sim/kubernetes/clusters:importable", {"credential_id": "k-1", "region": "r"}
    )  # fmt: skip
    assert api.sent() == []


@pytest.mark.parametrize(("noun", "path"), [
    ("clusters", "/sim/kubernetes/clusters:import"), ("networks", "/sim/network/vpcs:import"),
])  # fmt: skip
def test_an_import_shows_its_plan_and_what_would_follow_and_cites_it(api, capsys, noun, path):
    words = [noun, "import", "legacy", "--provider", "sim", "--managed", "--yes", "--no-wait"]
    assert app.run(words) == 0
    body = {"credential_id": "k-1", "managed": True, "name": "legacy"}
    assert api.sent() == [(path, body | {"dry_run": True}), (path, body | {"plan_digest": "d1"})]
    shown = capsys.readouterr().out
    assert "taken over as it is" in shown
    assert "What would follow: nothing to do." in shown
    assert "1 to import" in shown


def test_what_would_follow_is_told_line_by_line(api, capsys):
    change = {"field": "node_count", "before": 2, "after": 3, "replace": False}
    api.plan = PLAN | {"following": [LINE | {"verb": "update", "title": "pool", "changes": [change]}]}
    assert app.run(["clusters", "import", "legacy", "--provider", "sim", "--yes", "--no-wait"]) == 0
    assert "What would follow: update pool (node_count)" in capsys.readouterr().out


def test_the_clouds_own_id_may_be_given(api):
    words = ["networks", "import", "--cloud-id", "vpc-1", "--provider", "sim", "--yes", "--no-wait"]
    assert app.run(words) == 0
    assert api.sent()[0][1] == {"credential_id": "k-1", "managed": False, "external_id": "vpc-1", "dry_run": True}


@pytest.mark.parametrize(("words", "path"), [
    (["clusters", "manage", "legacy"], "/sim/kubernetes/clusters/legacy:manage"),
    (["clusters", "release", "legacy"], "/sim/kubernetes/clusters/legacy:release"),
    (["networks", "manage", "net"], "/sim/network/vpcs/n-1:manage"),
    (["networks", "release", "net"], "/sim/network/vpcs/n-1:release"),
])  # fmt: skip
def test_what_is_here_is_managed_or_released_after_its_plan(api, words, path):
    assert app.run([*words, "--yes", "--no-wait"]) == 0
    assert [(sent, given.get("dry_run"), given.get("plan_digest")) for sent, given in api.sent()] == [
        (path, True, None), (path, None, "d1")
    ]  # fmt: skip


def test_nothing_is_taken_over_without_a_yes(api, capsys):
    assert app.run(["clusters", "import", "legacy", "--provider", "sim"]) == 1
    assert "--yes" in capsys.readouterr().err
    assert len(api.sent()) == 1
