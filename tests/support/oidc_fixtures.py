"""A certified OpenID provider as a process, with pages that a test walks through. Loaded by tests/conftest.py.

`oidc-provider` of the npm registry, locked in tests/oidc; `make test` installs it where Node is there.
"""

import html
import json
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
from joserfc.jwk import RSAKey

FOLDER = Path(__file__).parents[1] / "oidc"
CLIENT_ID, CLIENT_SECRET = "skyclust", "a secret of the client's, with / and +"
PUBLIC_URL = "https://clouds.example"
REDIRECT_URI = f"{PUBLIC_URL}/api/v1/auth/oidc/callback"
ANN = {"email": "ann@example.com", "email_verified": True, "name": "Ann", "groups": ["dev"]}


@dataclass
class RealProvider:
    """The process, and a browser for it."""

    port: int
    accounts: dict[str, dict] = field(default_factory=lambda: {"ann": dict(ANN)})
    process: subprocess.Popen | None = None

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, key_id: str = "first") -> None:
        """With a fresh key; on the same port as before, so that it is the same provider with a rotated key."""
        self.stop()
        key = RSAKey.generate_key(2048, {"kid": key_id, "use": "sig", "alg": "RS256"}).as_dict(private=True)
        given = {
            "port": self.port, "clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET, "redirectUri": REDIRECT_URI,
            "accounts": self.accounts, "key": key,
        }  # fmt: skip
        self.process = subprocess.Popen(
            ["node", "server.mjs"], cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self.process.stdin.write(json.dumps(given))
        self.process.stdin.close()
        for line in self.process.stdout:
            if line.strip() == "ready":
                return
        raise AssertionError("the identity provider did not start")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=20)
            self.process.stdout.close()
            self.process = None

    async def walk(self, url: str, login: str = "ann") -> str:
        """Sign in on its pages as a person does; the address to which it sends the browser in the end."""
        async with httpx.AsyncClient(follow_redirects=False) as browser:
            for _ in range(12):
                answer = await browser.get(url)
                while answer.is_redirect:
                    url = urljoin(url, answer.headers["location"])
                    if url.startswith(REDIRECT_URI):
                        return url
                    answer = await browser.get(url)
                form = re.search(r'action="([^"]+)"', answer.text)
                prompt = re.search(r'name="prompt" value="([^"]+)"', answer.text)
                assert form, answer.text[:500]
                assert prompt, answer.text[:500]
                answer = await browser.post(
                    urljoin(url, html.unescape(form[1])),
                    data={"prompt": prompt[1], "login": login, "password": "x"},
                )
                assert answer.is_redirect, answer.text[:500]
                url = urljoin(url, answer.headers["location"])
                if url.startswith(REDIRECT_URI):
                    return url
        raise AssertionError(f"no end of pages, last {url}")


@pytest.fixture(scope="module")
def identity_provider() -> Iterator[RealProvider]:
    if shutil.which("node") is None:
        pytest.skip("Node is not installed, so the certified OpenID provider cannot run")
    if not (FOLDER / "node_modules" / "oidc-provider").exists():
        pytest.skip("tests/oidc has no packages yet: make test installs them where npm is there")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    provider = RealProvider(port)
    provider.start()
    yield provider
    provider.stop()
