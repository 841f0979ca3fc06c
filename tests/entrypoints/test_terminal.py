"""What the command line prints: problems as sentences, plans, progress; and where it keeps its login."""

import importlib
import io
import json
import stat
import subprocess
import sys

import httpx
import pytest

from skyclust.entrypoints.cli import app
from skyclust.entrypoints.cli.client import Api, CliError, RefusedError, ServerAwayError, problem_text
from skyclust.entrypoints.cli.commands import credentials
from skyclust.entrypoints.cli.context import Context, load_context
from skyclust.entrypoints.cli.output import cell, show
from skyclust.entrypoints.cli.plans import price_sources, quota_line, summary
from skyclust.entrypoints.cli.progress import LineView, failure_text, watch

PLAN = {
    "digest": "d",
    "usd_per_month": 123.4,
    "expected_seconds": 781,
    "findings": [],
    "changes": [
        {"verb": "create", "kind": "a.vpc", "title": "network", "price": None},
        {"verb": "create", "kind": "a.nat", "title": "NAT", "price": {"source": "list price", "as_of": "2026-07-20"}},
        {"verb": "keep", "kind": "a.role", "title": "role", "price": None},
    ],
}


def operation(state: str, *steps: tuple[str, str]) -> dict:
    return {
        "id": "op-1",
        "kind": "cluster.create",
        "state": state,
        "target": {"name": "c", "provider": "p", "region": "r"},
        "progress": {"done": 1, "total": 2, "percent": 50},
        "steps": [
            {"key": key, "title": key, "state": step, "attempts": 0, "message": "no room"} for key, step in steps
        ],
        "error": {"message": "no room"} if state == "failed" else None,
        "actions": ["resume", "rollback"] if state == "failed" else [],
    }


class Answers:
    """An API that answers with a list of operations, one after the other."""

    def __init__(self, *operations: dict | Exception) -> None:
        self.operations = list(operations)

    def get(self, path: str) -> dict:
        found = self.operations.pop(0)
        if isinstance(found, Exception):
            raise found
        return found


def test_a_plan_is_summed_up_in_one_line():
    assert summary(PLAN) == "2 to create · $123.40 a month · about 13 minutes"


def test_prices_name_their_source_and_date():
    assert price_sources(PLAN) == {"list price (2026-07-20)"}


def test_a_problem_shows_each_field_with_its_remedy():
    problem = {
        "title": "The request is not valid",
        "detail": "x",
        "errors": [{"pointer": "/region", "detail": "Use us-west-2."}],
    }
    assert problem_text(problem) == "The request is not valid\n  /region: Use us-west-2."


def test_a_problem_without_fields_shows_its_detail():
    assert problem_text({"title": "Taken", "detail": "There is one already."}) == "Taken\nThere is one already."


def test_a_failure_tells_how_to_resume_and_how_to_undo():
    text = failure_text(operation("failed", ("vpc", "failed")))
    assert "operations resume op-1" in text
    assert "operations rollback op-1" in text
    assert "no room" in text


def test_a_failure_names_what_is_in_the_way_what_to_do_and_what_is_left():
    failed = operation("needs_attention", ("vpc", "blocked")) | {
        "attention": [
            {"title": "VPC c", "message": "In use.", "blockers": ["eni-1"], "remedy": "Remove it. Then resume."},
            {"title": "subnet", "message": "eni-2 holds it.", "blockers": ["eni-2"], "remedy": "Likewise."},
        ],
        "leftovers": [{"title": "VPC c", "external_id": "vpc-1", "region": "us-west-2"}],
        "actions": ["resume"],
    }
    assert failure_text(failed).splitlines() == [
        "cluster.create of c: needs attention.",
        "  ! VPC c: In use.",
        "    in the way: eni-1",
        "    what to do: Remove it. Then resume.",
        "  ! subnet: eni-2 holds it.",
        "    what to do: Likewise.",
        "  Still in the cloud (us-west-2), and paid for where it costs:",
        "    VPC c: vpc-1",
        "  go on, whatever stopped it fixed: skyclust operations resume op-1",
    ]


def test_watching_prints_each_change_once_and_survives_an_absent_server(capsys):
    api = Answers(
        operation("running", ("vpc", "running")),
        ServerAwayError("away"),
        operation("running", ("vpc", "running")),
        operation("succeeded", ("vpc", "succeeded")),
    )
    ended = watch(api, ["op-1"], sleep=lambda _: None)
    assert ended[0]["state"] == "succeeded"
    assert capsys.readouterr().out.splitlines() == [
        "c: vpc: running",
        "the server is away; waiting for it ...",
        "connected again",
        "c: vpc: succeeded",
        "c: cluster.create succeeded",
    ]


def test_quiet_progress_leaves_standard_output_to_the_answer(capsys):
    watch(Answers(operation("succeeded", ("vpc", "succeeded"))), ["op-1"], quiet=True, sleep=lambda _: None)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "vpc: succeeded" in captured.err


def test_blocked_steps_show_their_message():
    stream = io.StringIO()
    LineView(stream).draw([operation("needs_attention", ("vpc", "blocked"))], connected=True)
    assert "vpc: blocked: no room" in stream.getvalue()


def test_json_output_is_json(capsys):
    show([{"name": "한글"}], "json")
    assert json.loads(capsys.readouterr().out) == [{"name": "한글"}]


def test_an_empty_list_says_so(capsys):
    show([], "table", (("NAME", "name"),))
    assert capsys.readouterr().out == "Nothing found.\n"


def test_markup_in_data_is_not_interpreted():
    assert cell("[red]x[/red]") == "\\[red]x\\[/red]"


def test_the_login_is_readable_by_its_owner_only_and_prints_no_token(tmp_path):
    context = Context(tmp_path / "deep" / "config.json", email="a@b.c", access_token="secret", refresh_token="secret")
    context.save()
    assert stat.S_IMODE(context.path.stat().st_mode) == 0o600
    assert "secret" not in repr(context)
    assert load_context({"SKYCLUST_CONFIG": str(context.path)}).access_token == "secret"


def test_the_environment_wins_over_the_file(tmp_path):
    Context(tmp_path / "c.json", access_token="old", refresh_token="old").save()
    context = load_context(
        {"SKYCLUST_CONFIG": str(tmp_path / "c.json"), "SKYCLUST_TOKEN": "new", "SKYCLUST_URL": "http://x"}
    )
    assert (context.access_token, context.refresh_token, context.url) == ("new", "", "http://x")


@pytest.mark.parametrize("arguments", [["clusters", "list"], ["operations", "get", "x"], ["audit", "verify"]])
def test_without_a_login_a_command_says_what_to_type(arguments, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("SKYCLUST_CONFIG", str(tmp_path / "none.json"))
    monkeypatch.delenv("SKYCLUST_TOKEN", raising=False)
    assert app.run(arguments) == 1
    assert "skyclust login" in capsys.readouterr().err


def test_an_absent_server_is_told_with_its_address(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("SKYCLUST_CONFIG", str(tmp_path / "none.json"))
    monkeypatch.setenv("SKYCLUST_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("SKYCLUST_TOKEN", "x")
    assert app.run(["clusters", "list"]) == 1
    assert "No SkyClust answers at http://127.0.0.1:9" in capsys.readouterr().err


def test_nonsense_ends_with_two():
    assert app.run(["clusters", "lisst"]) == 2


def test_help_loads_no_heavy_library():
    code = (
        "import sys; from skyclust.entrypoints.cli import app; app.run(['--help']); "
        "print([m for m in ('httpx', 'fastapi', 'sqlalchemy', 'botocore', 'googleapiclient') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("group", app._groups)
def test_every_command_of_every_group_can_be_loaded_and_says_what_its_group_says(group, capsys):
    assert app.run([group, "--help"]) == 0
    listed = capsys.readouterr().out
    for verb, line in app._groups[group][1].items():
        assert verb in listed
        assert app.run([group, verb, "--help"]) == 0
        module, function = app.place_of(group, verb)
        found = getattr(importlib.import_module(f"{app.COMMANDS}.{module}"), function)
        assert " ".join(found.__doc__.split()).startswith(line.rstrip("."))


def test_of_two_commands_one_refreshes_and_the_other_takes_its_tokens(tmp_path):
    first = Context(tmp_path / "c.json", access_token="old", refresh_token="old")
    first.save()
    api = Api(first)
    Context(first.path, access_token="new", refresh_token="new").save()
    api._refresh()
    assert (api.context.access_token, api.context.refresh_token) == ("new", "new")
    api.close()


def test_a_quota_in_a_plan_tells_what_is_used_wanted_and_left():
    quota = {"name": "nodes", "limit": 10, "use": 6, "wanted": 3, "remaining": 1, "refused": False}
    assert quota_line(quota) == "quota nodes: 6 of 10 used, +3 by this, 1 left"
    refused = quota_line(quota | {"wanted": 5, "remaining": 0, "refused": True})
    assert refused == "quota nodes: 6 of 10 used, +5 by this, more than the limit"


class Server:
    """Our API as the client sees it: asks once for a fresh proof, and takes one password, with a code if need be."""

    def __init__(self, *, by: str = "password", code: str | None = None) -> None:
        self.by, self.code, self.token, self.deleted = by, code, "stale", []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        given = json.loads(request.content or b"{}")
        if request.url.path.endswith("/auth/reauthenticate"):
            return self.prove(given)
        if request.headers["authorization"] == "Bearer stale":
            return self.refuse(401, "insufficient-user-authentication", by=self.by)
        self.deleted.append((request.method, request.headers.get("idempotency-key")))
        return httpx.Response(204)

    def prove(self, given: dict) -> httpx.Response:
        if given["password"] != "right words":
            return self.refuse(401, "wrong-credentials")
        if self.code is not None and given.get("code") != self.code:
            return self.refuse(401, "second-factor-required")
        return httpx.Response(200, json={"access_token": "fresh", "refresh_token": "new"})

    def refuse(self, status: int, kind: str, **more: str) -> httpx.Response:
        document = {"type": f"https://skyclust.dev/problems/{kind}", "title": kind, "detail": "asked for", **more}
        return httpx.Response(status, json=document)

    def client(self, tmp_path) -> Api:
        api = Api(Context(tmp_path / "c.json", access_token="stale", refresh_token="old", email="a@b.c"))
        api._http = httpx.Client(base_url="http://skyclust", transport=httpx.MockTransport(self))
        return api


def test_asked_for_a_fresh_proof_the_password_is_given_and_the_command_goes_on(tmp_path, monkeypatch):
    monkeypatch.setenv("SKYCLUST_PASSWORD", "right words")
    server = Server()
    api = server.client(tmp_path)
    api.delete("/clusters/one")
    assert [method for method, _ in server.deleted] == ["DELETE"]
    kept = load_context({"SKYCLUST_CONFIG": str(tmp_path / "c.json")})
    assert (kept.access_token, kept.refresh_token, kept.email) == ("fresh", "new", "a@b.c")


def test_with_a_second_factor_the_code_is_given_as_well(tmp_path, monkeypatch):
    monkeypatch.setenv("SKYCLUST_PASSWORD", "right words")
    monkeypatch.setenv("SKYCLUST_CODE", "123456")
    server = Server(code="123456")
    server.client(tmp_path).post("/users", {})
    assert len(server.deleted) == 1


def test_a_wrong_password_ends_the_command_and_nothing_is_done(tmp_path, monkeypatch):
    monkeypatch.setenv("SKYCLUST_PASSWORD", "wrong words")
    server = Server()
    with pytest.raises(RefusedError, match="wrong-credentials"):
        server.client(tmp_path).delete("/clusters/one")
    assert server.deleted == []


@pytest.mark.parametrize(
    ("by", "told"), [("password", "skyclust login"), ("single-sign-on", "skyclust login --sso --fresh")]
)
def test_where_nobody_can_be_asked_the_command_says_what_to_type(tmp_path, monkeypatch, by, told):
    monkeypatch.delenv("SKYCLUST_PASSWORD", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(CliError, match=told):
        Server(by=by).client(tmp_path).delete("/clusters/one")


class Trust:
    """An API that knows one workspace and tells who it is to clouds."""

    def items(self, _path):
        return [{"id": "w-1", "name": "lab"}]

    def get(self, path):
        assert path == "/workspaces/w-1/identity"
        guides = [{"provider": "nimbus", "text": "nimbus trust add [s]\n"}, {"provider": "other", "text": "other\n"}]
        return {"issuer": "https://x", "subject": "s", "jwks_uri": "https://x/keys", "guides": guides}


def test_how_an_account_is_made_to_trust_a_workspace_is_printed_as_it_is_typed(monkeypatch, capsys):
    monkeypatch.setattr(Api, "from_environment", Trust)
    credentials.identity(provider="nimbus")
    shown = capsys.readouterr().out
    assert "nimbus trust add [s]\n" in shown
    assert "https://x/keys" in shown
    assert "other" not in shown
    with pytest.raises(CliError, match="these do: nimbus, other"):
        credentials.identity(provider="cumulus")
