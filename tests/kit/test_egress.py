"""The way out: no spelling of an inner address gets through, and what was checked is what is reached."""

import asyncio
import contextlib
import ssl

import pytest

from skyclust.kit.egress import FOR_OPERATORS, FOR_USERS, EgressError, Policy, aim, is_public, request, resolve_name
from skyclust.sandbox.kernel.certificates import CertificateAuthority

INNER = [
    "127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "169.254.170.2", "100.64.0.1", "100.127.255.255", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1",
    "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:169.254.169.254", "::ffff:a9fe:a9fe", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:a9fe:a9fe::1",
    "2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "1.1.1.1", "52.94.236.248", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e"]


@pytest.mark.parametrize("address", INNER)
def test_inner_addresses_are_known_as_such(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_public(address):
    assert is_public(address)


BAD = [
    "", "https://", "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/",
    "javascript:alert(1)", "//example.com", "example.com", "https://user@example.com/", "https://user:pw@example.com/",
    "https://example.com:22/", "https://example.com:8443/", "https://exa mple.com/", "https://example.com\\@evil.com/",
    "https://example.com/\r\nX: y", "https://[::1", "https://example.com:99999/", "https://" + "a" * 3000,
]  # fmt: skip


@pytest.mark.parametrize("url", BAD, ids=range(len(BAD)))
def test_what_is_no_plain_https_url_is_refused_unasked(url):
    async def never(_host, _port):
        raise AssertionError("it was looked up")

    with pytest.raises(EgressError):
        asyncio.run(aim(url, FOR_USERS, never))


#: Ways to write an inner address; the system's resolver decides what they mean.
DISGUISES = [
    "https://127.0.0.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/", "https://127.1/",
    "https://0/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:a9fe:a9fe]/", "https://localhost/",
    "https://localhost./", "https://169.254.169.254/latest/meta-data/", "https://0xa9fea9fe/", "https://[64:ff9b::7f00:1]/",
]  # fmt: skip


@pytest.mark.parametrize("url", DISGUISES)
def test_no_spelling_of_an_inner_address_gets_through(url):
    with pytest.raises(EgressError):
        asyncio.run(aim(url, FOR_USERS))


def test_one_inner_address_among_public_ones_is_one_too_many():
    async def both(_host, _port):
        return ["8.8.8.8", "10.0.0.1"]

    with pytest.raises(EgressError, match="inside"):
        asyncio.run(aim("https://rebound.example/", FOR_USERS, both))


def test_a_name_is_asked_for_once_and_what_was_checked_is_reached():
    answers = [["8.8.8.8"], ["127.0.0.1"]]
    asked = []

    async def rebinding(host, _port):
        asked.append(host)
        return answers.pop(0)

    target = asyncio.run(aim("https://rebound.example/x", FOR_USERS, rebinding))
    assert (target.address, asked) == ("8.8.8.8", ["rebound.example"])


class Server:
    """An HTTP server on loopback that answers one thing and remembers what it was asked."""

    def __init__(self, answer: bytes, tls: ssl.SSLContext | None = None):
        self.answer, self.tls, self.asked = answer, tls, []

    async def __aenter__(self):
        self.server = await asyncio.start_server(self._talk, "127.0.0.1", 0, ssl=self.tls)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self.server.close()
        await self.server.wait_closed()

    async def _talk(self, reader, writer):
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            self.asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
            writer.write(self.answer)
            await writer.drain()
        writer.close()


def reply(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", "connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def here(_host, _port):
    return ["127.0.0.1"]


async def _ask(answer: bytes, policy: Policy = FOR_OPERATORS):
    async with Server(answer) as server:
        got = await request("GET", f"http://idp.internal:{server.port}/x?y=1", policy=policy, resolve=here)
        return got, server


def test_what_the_operator_configured_may_be_inside_and_the_host_header_is_the_names():
    got, server = asyncio.run(_ask(reply(b"hello")))
    assert (got.status, got.body) == (200, b"hello")
    assert server.asked[0].startswith("GET /x?y=1 HTTP/1.1")
    assert f"host: idp.internal:{server.port}" in server.asked[0].lower()


def test_a_redirect_is_not_followed():
    with pytest.raises(EgressError, match="redirect"):
        asyncio.run(_ask(reply(b"", "302 Found", "location: http://169.254.169.254/")))


def test_a_large_answer_is_cut_off():
    with pytest.raises(EgressError, match="larger"):
        asyncio.run(_ask(reply(b"x" * 5000), Policy(inside=True, ports=None, max_bytes=1000)))


def test_a_slow_answer_is_given_up():
    async def story():
        stop = asyncio.Event()

        async def never(_reader, writer):
            await stop.wait()
            writer.close()

        server = await asyncio.start_server(never, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            await request(
                "GET", f"http://slow:{port}/", policy=Policy(inside=True, ports=None, seconds=0.2), resolve=here
            )
        finally:
            stop.set()
            server.close()
            await server.wait_closed()

    with pytest.raises(EgressError, match="within"):
        asyncio.run(story())


def test_a_certificate_must_be_of_the_name_not_of_the_address(tmp_path):
    authority = CertificateAuthority(tmp_path)
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(*authority.issue("idp", ("idp.internal",)))
    trusted = ssl.create_default_context(cafile=str(authority.certificate_file))

    async def story(name):
        async with Server(reply(b"ok"), served) as server:
            url = f"https://{name}:{server.port}/"
            return (await request("GET", url, policy=FOR_OPERATORS, resolve=here, verify=trusted)).body

    assert asyncio.run(story("idp.internal")) == b"ok"
    with pytest.raises(EgressError, match="could not be reached"):
        asyncio.run(story("other.internal"))


def test_an_unknown_name_is_told():
    async def unknown(host, port):
        raise OSError

    with pytest.raises(EgressError, match="does not resolve"):
        asyncio.run(aim("https://nowhere.invalid/", FOR_USERS, unknown))


def test_the_systems_resolver_is_asked_in_the_loop_and_answers_texts():
    assert asyncio.run(resolve_name("127.0.0.1", 80)) == ["127.0.0.1"]
