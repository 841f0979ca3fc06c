"""One request is sent once, over verified TLS. Judged by small servers that count what reaches them."""

import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from skyclust.providers.gcp import sdk
from skyclust.providers.gcp.apis import AccessToken, LostError, NotSentError

TOKEN = AccessToken("canary", datetime(2030, 1, 1, tzinfo=UTC))
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"


@dataclass
class Request:
    uri: str
    method: str = "POST"
    body: str | None = "{}"
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    methodId: str = "test.insert"  # noqa: N815 - the name googleapiclient gives it


def whole_request(stream: socket.socket) -> bytes:
    """Head and body: closing with something unread would reset the connection and lose the answer."""
    received = b""
    while chunk := stream.recv(65536):
        received += chunk
        head, end, body = received.partition(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
        )
        if end and len(body) >= length:
            break
    return received


@contextmanager
def listening(answer: bytes | None, tls: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[bytes]]]:
    """A server that reads one request per connection, answers it, or hangs up when `answer` is None."""
    seen: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    stream = tls.wrap_socket(connection, server_side=True) if tls else connection
                except (ssl.SSLError, OSError):
                    continue
                seen.append(whole_request(stream))
                if answer is not None:
                    stream.sendall(answer)
                stream.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1], seen
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(timeout=10)


@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
def test_a_request_whose_answer_is_lost_is_not_sent_again(method):
    with listening(None) as (port, seen):
        with pytest.raises(LostError):
            sdk.send(Request(f"http://127.0.0.1:{port}/x", method), TOKEN)
        assert len(seen) == 1


def test_an_unreachable_host_means_that_nothing_was_sent():
    with listening(OK) as (port, _):
        pass
    with pytest.raises(NotSentError):
        sdk.send(Request(f"http://127.0.0.1:{port}/x"), TOKEN)


def test_the_token_travels_in_its_header():
    with listening(OK) as (port, seen):
        answer = sdk.send(Request(f"http://127.0.0.1:{port}/x"), TOKEN)
    assert (answer.status, answer.content) == (200, b"{}")
    assert b"authorization: Bearer canary" in seen[0]


def test_redirects_are_not_followed():
    with listening(b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n") as (port, seen):
        assert sdk.send(Request(f"http://127.0.0.1:{port}/x", "GET", None), TOKEN).status == 302
        assert len(seen) == 1


def test_an_unknown_certificate_is_refused_before_anything_is_sent(certificate):
    server, _ = certificate
    with listening(OK, server) as (port, seen):
        with pytest.raises(NotSentError):
            sdk.send(Request(f"https://127.0.0.1:{port}/x"), TOKEN)
        assert seen == []


def test_a_known_certificate_is_accepted(certificate, monkeypatch):
    server, authority = certificate
    trusting = ssl.create_default_context(cafile=authority)
    monkeypatch.setattr(sdk, "tls_context", lambda: trusting)
    with listening(OK, server) as (port, _):
        assert sdk.send(Request(f"https://127.0.0.1:{port}/x"), TOKEN).status == 200


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> tuple[ssl.SSLContext, str]:
    """A server's TLS context for 127.0.0.1, and the file of the authority that signed it: itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    (folder / "cert.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context, str(folder / "cert.pem")
