"""The web console in Debian's Chromium, against the session's `skyclust up --sandbox`. Loaded by tests/conftest.py.

Invariant: whatever a test does, a console error, a refused or broken request, or a violation of the content security
policy fails it.
"""

import importlib.util
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from skyclust.entrypoints.console import BUILT, MANIFEST

WEB = Path(__file__).parents[2] / "web"
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
VIOLATIONS = "addEventListener('securitypolicyviolation', e => console.error('CSP', e.violatedDirective, e.blockedURI))"
PATIENCE_MS = 30_000


def missing() -> str:
    """What these tests need and this machine has not, with the way to get it; "" when all is there."""
    if not (BUILT / MANIFEST).is_file():
        return "the console is not built: install Node.js 20 or newer and run make web"
    if importlib.util.find_spec("playwright") is None:
        return "playwright is not installed: pip install -r requirements/dev.lock --require-hashes"
    if shutil.which("chromium") is None:
        return "Chromium is not installed: apt-get install -y chromium fonts-noto-cjk"
    return ""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Not longer than for one module: while Playwright is there, nothing else in the process can run an event loop."""
    if reason := missing():
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        yield browser
        browser.close()


class Console:
    """One person's browser: what is on the screen, in their language, and what went wrong behind it."""

    def __init__(self, page: Any, url: str, locale: str) -> None:
        self.page, self.url, self.locale = page, url, locale
        self.words = json.loads((WEB / f"src/messages/{locale}.json").read_text(encoding="utf-8"))
        self.faults: list[str] = []
        self.allowed: set[int] = set()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.faults.append(f"page error: {error}"))
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def _heard(self, message: Any) -> None:
        if message.type == "error" and not (self.allowed and "Failed to load resource" in message.text):
            self.faults.append(f"console: {message.text}")

    def _failed(self, request: Any) -> None:
        if request.failure != "net::ERR_ABORTED":  # what a page that goes away asked for
            self.faults.append(f"failed: {request.url}: {request.failure}")

    def _answered(self, response: Any) -> None:
        if response.status >= 400 and response.status not in self.allowed:
            self.faults.append(f"{response.status}: {response.request.method} {response.url}")

    def say(self, key: str, **values: object) -> str:
        """The text of the interface under this key."""
        text: Any = self.words
        for part in key.split("."):
            text = text[part]
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text

    def open(self, path: str) -> None:
        self.page.goto(self.url + path)

    def sign_in(self, email: str, password: str) -> None:
        self.open("/")
        self.page.get_by_label(self.say("login.email")).fill(email)
        self.page.get_by_label(self.say("login.password")).fill(password)
        self.page.get_by_role("button", name=self.say("login.signIn"), exact=True).click()
        self.page.get_by_role("heading", level=1, name=self.say("fleet.title")).wait_for()

    def button(self, key: str, **values: object) -> Any:
        return self.page.get_by_role("button", name=self.say(key, **values), exact=True)

    def link(self, key: str) -> Any:
        return self.page.get_by_role("link", name=self.say(key), exact=True)

    def field(self, key: str, **values: object) -> Any:
        label = re.escape(self.say(key, **values))
        return self.page.get_by_label(re.compile(rf"^{label}( \*)?$"))

    def heading(self, text: str) -> Any:
        return self.page.get_by_role("heading", level=1, name=text, exact=True)

    def serious_barriers(self) -> list[str]:
        """What axe finds on this page that keeps people out."""
        self.page.evaluate((WEB / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8"))
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{each['id']}: {node['html'][:200]} {node.get('failureSummary', '')[:200]}"
            for each in found["violations"]
            if each["impact"] in ("serious", "critical")
            for node in each["nodes"]
        ]


@pytest.fixture
def browse(chromium: Any, running_up: Any) -> Iterator[Callable[..., Console]]:
    """`browse("ko")`: a new browser of somebody who speaks Korean, not signed in."""
    opened: list[tuple[Any, Console]] = []

    def open_one(locale: str = "en", *, width: int = 1440, theme: str = "light", downloads: bool = True) -> Console:
        context = chromium.new_context(
            locale=locale, viewport={"width": width, "height": 900}, color_scheme=theme, accept_downloads=downloads
        )
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(VIOLATIONS)
        console = Console(context.new_page(), running_up.ready["url"], locale)
        opened.append((context, console))
        return console

    yield open_one
    faults = [fault for _, console in opened for fault in console.faults]
    for context, _ in opened:
        context.close()
    assert faults == []
