"""`skyclust login --sso`: the browser comes back to this machine, and only this process can use what it brings."""

import threading
import urllib.error
import urllib.request
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from skyclust.entrypoints.cli.client import CliError
from skyclust.entrypoints.cli.sign_on import sign_on
from skyclust.identity.oidc import challenge_of


class Server:
    """The installation, as far as the command talks to it."""

    def __init__(self, *, offered=True):
        self.context, self.offered, self.collected = SimpleNamespace(url="https://clouds.example"), offered, None

    def sign_on_offered(self):
        return self.offered

    def collect(self, grant, verifier):
        self.collected = grant, verifier


class Browser:
    """Goes where it is sent; the visits that come back run beside the command, as a browser does."""

    def __init__(self, *visits):
        self.visits, self.answers, self.sent = visits, [], ""

    def __call__(self, url):
        self.sent = url
        self.thread = threading.Thread(target=self._visit)
        self.thread.start()

    def _visit(self):
        back = parse_qs(urlsplit(self.sent).query)["return_to"][0]
        for visit in self.visits:
            try:
                with urllib.request.urlopen(back + visit, timeout=10) as reply:
                    self.answers.append((reply.status, reply.read()))
            except urllib.error.HTTPError as refused:
                with refused:
                    self.answers.append((refused.code, b""))


def test_the_grant_that_comes_back_is_collected_with_the_verifier_of_the_challenge(capsys):
    server, browser = Server(), Browser("favicon.ico", "?grant=g-1")
    sign_on(server, open_browser=browser, patience=10)
    browser.thread.join()
    grant, verifier = server.collected
    query = parse_qs(urlsplit(browser.sent).query)
    assert (grant, challenge_of(verifier)) == ("g-1", query["challenge"][0])
    assert query["return_to"][0].startswith("http://127.0.0.1:")
    assert [status for status, _ in browser.answers] == [404, 200]
    assert b"can be closed" in browser.answers[1][1]
    printed = capsys.readouterr()
    assert browser.sent in printed.out
    assert "g-1" not in printed.out + printed.err


def test_when_nobody_comes_back_the_command_says_so():
    with pytest.raises(CliError, match="Nobody came back"):
        sign_on(Server(), open_browser=lambda _url: None, patience=0.01)


def test_without_single_sign_on_the_command_says_what_to_type():
    with pytest.raises(CliError, match="skyclust login"):
        sign_on(Server(offered=False), open_browser=lambda _url: None)
