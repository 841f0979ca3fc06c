"""One request is sent once, over verified TLS, to nobody but Resource Manager. Judged by what reaches the sandbox."""

import asyncio
import socket

import pytest

from skyclust.contract.errors import Ambiguous, AuthenticationFailed, InvalidSpec, NotYet, ProviderError, Unavailable
from skyclust.providers.azure import provider

REGION = "koreacentral"


def told(sandbox, story, environ=None):
    """What `story` raises or gives, with an open session."""

    async def run():
        az = provider(environ or sandbox.environ).connect(sandbox.credential, REGION)
        try:
            return await story(az)
        except ProviderError as error:
            return error
        finally:
            await az.close()

    return asyncio.run(run())


def group(sandbox, name="mine"):
    return f"/subscriptions/{sandbox.subscription}/resourceGroups/{name}"


@pytest.mark.parametrize("method", ["put", "delete"])
def test_a_change_whose_reply_is_lost_is_sent_once(sandbox, method):
    async def story(az):
        await az.put(group(sandbox), {"location": REGION})
        await az.get(group(sandbox))  # the connection is warm: this is when aiohttp would try again
        sandbox.fault("lost_reply", f"*/{'write' if method == 'put' else 'delete'}")
        before = len(sandbox.called())
        try:
            arguments = [{"location": REGION}] if method == "put" else []
            return await getattr(az, method)(group(sandbox), *arguments), 0
        except Ambiguous as error:
            return error, len(sandbox.called()) - before

    error, calls = told(sandbox, story)
    assert isinstance(error, Ambiguous)
    assert calls == 1


def test_a_read_whose_reply_is_lost_is_sent_once(sandbox):
    async def story(az):
        await az.items(az.groups)
        sandbox.fault("lost_reply", "*/read")
        await az.items(az.groups)

    assert isinstance(told(sandbox, story), Unavailable)


def test_a_server_error_is_not_tried_again(sandbox):
    async def story(az):
        await az.items(az.groups)
        sandbox.fault("error_before")
        await az.put(group(sandbox), {"location": REGION})

    assert isinstance(told(sandbox, story), Ambiguous)
    assert not sandbox.resources("resource_group")


def test_a_refused_token_is_exchanged_once_more(sandbox):
    async def story(az):
        await az.items(az.groups)
        sandbox.fault("revoked", "*/read")
        return await az.items(az.groups)

    before = len(sandbox.calls("oauth2.token"))
    assert told(sandbox, story) == []
    assert len(sandbox.calls("oauth2.token")) - before == 2


def test_a_token_serves_many_sessions(sandbox):
    shared = provider(sandbox.environ)

    async def look():
        az = shared.connect(sandbox.credential, REGION)
        await az.items(az.groups)
        await az.close()

    before = len(sandbox.calls("oauth2.token"))
    for _ in range(3):
        asyncio.run(look())
    assert len(sandbox.calls("oauth2.token")) - before == 1


def test_a_session_that_its_owner_closes_under_a_call_is_a_lost_answer(sandbox):
    async def story(az):
        await az.items(az.groups)
        await az._wire._transport.session.close()
        await az.items(az.groups)

    assert isinstance(told(sandbox, story), Unavailable)


def test_a_closed_session_opens_again(sandbox):
    async def story(az):
        await az.items(az.groups)
        await az.close()
        return await az.items(az.groups)

    assert told(sandbox, story) == []


def test_no_page_elsewhere_is_followed(sandbox):
    async def story(az):
        await az._follow("https://evil.example/next", az.groups)

    error = told(sandbox, story)
    assert isinstance(error, Unavailable)
    assert "elsewhere" in error.message


@pytest.mark.parametrize(("method", "expected"), [("put", NotYet), ("get", Unavailable)])
def test_what_never_left_is_told_as_such(sandbox, method, expected):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]

    async def story(az):
        arguments = [{"location": REGION}] if method == "put" else []
        await getattr(az, method)(group(sandbox), *arguments)

    error = told(sandbox, story, {**sandbox.environ, "SKYCLUST_AZURE_ENDPOINT": f"https://127.0.0.1:{port}"})
    assert isinstance(error, expected)
    assert error.definitely_not_applied


def test_a_certificate_of_nobody_is_not_believed(sandbox):
    without = {key: value for key, value in sandbox.environ.items() if not key.endswith("CA_FILE")}
    error = told(sandbox, lambda az: az.items(az.groups), without)
    assert isinstance(error, Unavailable)
    assert not sandbox.calls("resourceGroups")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"client_secret": "wrong~but~well~formed"}, "secret's value"),
        ({"client_id": "00000000-0000-0000-0000-000000000000"}, "check client_id"),
        ({"tenant_id": "00000000-0000-0000-0000-000000000000"}, "check tenant_id"),
    ],
)
def test_a_refused_credential_says_what_to_do(sandbox, changes, words):
    with pytest.raises(AuthenticationFailed, match=words) as refused:
        asyncio.run(sandbox.provider.verify({**sandbox.credential, **changes}, REGION))
    assert refused.value.code.startswith("AADSTS")


@pytest.mark.parametrize("mode", ["throttle", "error_before"])
def test_an_authority_that_fails_is_asked_again_later(sandbox, mode):
    sandbox.fault(mode, "oauth2.token")
    assert isinstance(told(sandbox, lambda az: az.items(az.groups)), Unavailable)
    assert told(sandbox, lambda az: az.items(az.groups)) == []


@pytest.mark.parametrize("field", ["subscription_id", "tenant_id", "client_id", "client_secret"])
def test_a_credential_of_the_wrong_form_names_the_field(sandbox, field):
    with pytest.raises(AuthenticationFailed, match=field):
        sandbox.provider.connect({**sandbox.credential, field: ""}, REGION)


def test_what_is_no_resource_is_invalid(sandbox):
    async def story(az):
        await az.get(group(sandbox, "no-such-group"))

    assert isinstance(told(sandbox, story), InvalidSpec)
