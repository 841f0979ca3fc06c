"""Workload identity federation against the sandbox's authority, which checks what it is given: who gets in, who not."""

import asyncio
from datetime import timedelta

import pytest

from federating import ISSUER, OURS, THEIRS, issuer, vouched
from skyclust.contract.errors import AuthenticationFailed, ProviderError, Unavailable
from skyclust.contract.identities import ES256, IDENTITY, TrustsIssuers
from skyclust.credentials.models import tenant_name
from skyclust.kit.json_schemas import schema_errors
from skyclust.providers.azure import federation, provider
from skyclust.providers.azure.credentials import parse_principal

REGION = "koreacentral"
SUBJECT = tenant_name(OURS)


def without_secret(sandbox) -> dict:
    return {name: value for name, value in sandbox.credential.items() if name != "client_secret"}


def trust(sandbox, by, **more) -> None:
    """What an owner of the application does; the keys are handed over, as the issuer is nowhere to be reached."""
    body = {"issuer": by.url, "subject": SUBJECT, "jwks": by.key_set(), **more}
    sandbox.act("trust_issuer", **body)


def verify(sandbox, workspace=OURS, by=None):
    return asyncio.run(sandbox.provider.verify(vouched(without_secret(sandbox), workspace, by or issuer(rsa=0))))


def refusal(sandbox, workspace=OURS, by=None) -> ProviderError:
    with pytest.raises(ProviderError) as refused:
        verify(sandbox, workspace, by)
    assert "eyJ" not in str(refused.value)
    return refused.value


# ---- who gets in ----
def test_a_trusted_workspace_is_verified_without_a_secret_and_works(sandbox):
    trust(sandbox, issuer(rsa=0))
    told = verify(sandbox)
    data = without_secret(sandbox)
    assert (told.account, told.principal, told.missing_permissions) == (
        sandbox.subscription, data["client_id"], (),
    )  # fmt: skip
    assert (told.expires_at, told.issued_at) == (None, None)  # there is no secret, so none can end

    async def read():
        session = sandbox.provider.connect(vouched(data, OURS, issuer(rsa=0)), REGION)
        try:
            return await session.get(f"/subscriptions/{sandbox.subscription}")
        finally:
            await session.close()

    assert asyncio.run(read())["subscriptionId"] == sandbox.subscription


def test_missing_permissions_are_told_as_for_a_secret(sandbox):
    trust(sandbox, issuer(rsa=0))
    sandbox.act("deny_permissions", permissions=["Microsoft.Network/natGateways/*"])
    assert "Microsoft.Network/natGateways/write" in verify(sandbox).missing_permissions


# ---- who does not ----
def test_another_workspace_is_refused_with_what_to_do(sandbox):
    trust(sandbox, issuer(rsa=0))
    refused = refusal(sandbox, THEIRS)
    assert isinstance(refused, AuthenticationFailed)
    assert (refused.operation, refused.code) == ("oauth2.token", "AADSTS700213")
    for part in (ISSUER, tenant_name(THEIRS), federation.AUDIENCE, "skyclust credentials identity"):
        assert part in refused.message


def test_an_application_that_lets_in_every_workspace_is_refused_though_it_lets_in_this_one(sandbox):
    trust(sandbox, issuer(rsa=0), matching="skyclust-*")
    refused = refusal(sandbox)
    assert isinstance(refused, AuthenticationFailed)
    assert f"explicit subject {SUBJECT}" in refused.message
    trust(sandbox, issuer(rsa=0), matching="skyclust-*", lift=True)
    trust(sandbox, issuer(rsa=0))
    assert verify(sandbox).account == sandbox.subscription


@pytest.mark.parametrize(
    ("by", "word"),
    [
        (lambda: issuer("https://elsewhere.example.com", rsa=0), "AADSTS700211"),
        (lambda: issuer(rsa=1), "AADSTS700027"),
        (lambda: issuer(rsa=0, behind=timedelta(hours=1)), "AADSTS700024"),
    ],
    ids=["another issuer", "another key of the same name", "expired"],
)
def test_a_token_of_another_issuer_key_or_time_logs_nobody_in(sandbox, by, word):
    trust(sandbox, issuer(rsa=0))
    assert refusal(sandbox, by=by()).code == word


def test_a_token_for_another_audience_logs_nobody_in(sandbox):
    trust(sandbox, issuer(rsa=0), audience="api://elsewhere")
    assert refusal(sandbox).code == "AADSTS700212"


def test_an_application_without_a_trust_says_so(sandbox):
    refused = refusal(sandbox)
    assert refused.code == "AADSTS70025"
    assert "no federated credential" in refused.message


def test_an_elliptic_signature_would_be_refused(sandbox, monkeypatch):
    """Why the issuer has RSA keys at all."""
    trust(sandbox, issuer(rsa=0))
    monkeypatch.setattr(federation, "ALGORITHM", ES256)
    assert refusal(sandbox).code == "AADSTS5002738"


def test_an_installation_whose_keys_are_not_loaded_is_asked_again(sandbox):
    trust(sandbox, issuer(rsa=0))
    assert isinstance(refusal(sandbox, by=issuer()), Unavailable)


def test_an_issuer_that_entra_cannot_reach_is_named(sandbox):
    nowhere = issuer("http://127.0.0.1:9", rsa=0)
    trust(sandbox, nowhere, jwks=None)
    refused = refusal(sandbox, by=nowhere)
    assert refused.code == "AADSTS50166"
    assert "reachable from the internet" in refused.message


def test_an_authority_that_fails_makes_nothing_invalid(sandbox):
    trust(sandbox, issuer(rsa=0))
    sandbox.fault("error_before", "oauth2.token")
    assert isinstance(refusal(sandbox), Unavailable)
    data = vouched(without_secret(sandbox), OURS, issuer(rsa=0))

    async def test_of_nobody(cloud):
        session = cloud.connect(data, REGION)
        try:
            await session.refuse_open_trust(parse_principal(data))
        finally:
            await session.close()

    asyncio.run(test_of_nobody(sandbox.provider))
    sandbox.fault("error_before", "oauth2.token")
    for cloud in (sandbox.provider, provider({"SKYCLUST_AZURE_AUTHORITY": "https://127.0.0.1:9"})):
        with pytest.raises(Unavailable):
            asyncio.run(test_of_nobody(cloud))


def test_two_workspaces_never_share_a_token_even_with_equal_data(sandbox):
    trust(sandbox, issuer(rsa=0))
    data = without_secret(sandbox)

    async def ask(workspace, region=REGION):
        session = sandbox.provider.connect(vouched(data, workspace, issuer(rsa=0)), region)
        try:
            return await session.access_token()
        finally:
            await session.close()

    first = asyncio.run(ask(OURS))
    with pytest.raises(AuthenticationFailed):
        asyncio.run(ask(THEIRS))
    assert asyncio.run(ask(OURS, "westeurope")) is first


# ---- what is accepted from a tenant ----
def test_both_forms_fit_the_schema_and_others_do_not(sandbox, pure):
    def wrong(data):
        return [error.pointer for error in schema_errors(pure.credential_schema, data, "/data")]

    assert wrong(sandbox.credential) == wrong(without_secret(sandbox)) == []
    assert wrong(sandbox.credential | {"client_secret": ""}) == ["/data/client_secret"]
    assert wrong(without_secret(sandbox) | {"issuer": "x"}) == ["/data/issuer"]
    assert wrong({"tenant_id": sandbox.credential["tenant_id"]}) == ["/data/subscription_id", "/data/client_id"]


def test_without_a_public_address_the_operator_is_named(sandbox, pure):
    data = {key: value for key, value in vouched(without_secret(sandbox), OURS, issuer()).items() if key != IDENTITY}
    with pytest.raises(AuthenticationFailed, match="SKYCLUST_PUBLIC_URL"):
        pure.connect(data, REGION)


def test_the_guide_names_issuer_subject_and_audience():
    azure = provider({})
    assert isinstance(azure, TrustsIssuers)
    text = azure.trust_guide(ISSUER, "skyclust-w1")
    assert f'"issuer": "{ISSUER}"' in text
    assert '"subject": "skyclust-w1"' in text
    assert '"audiences": ["api://AzureADTokenExchange"]' in text
