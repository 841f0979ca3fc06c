"""Who gets a token, and what a token opens."""

import time

import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential
from azure.identity.aio import ClientAssertionCredential
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from skyclust.sandbox.azure.errors import LoginError
from skyclust.sandbox.azure.federation import ASSERTION_AUDIENCE
from skyclust.sandbox.azure.identities import Identities
from skyclust.sandbox.kernel import Store


def token_of(azure, credential, scope="https://management.azure.com/.default"):
    async def ask():
        async with credential:
            return (await credential.get_token(scope)).token

    return azure.run(ask())


def test_a_wrong_secret_is_refused_as_entra_does(azure):
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
        token_of(azure, azure.credential("wrong"))


def test_a_token_for_something_else_does_not_open_resource_manager(azure, refused):
    other = token_of(azure, azure.credential(), "https://graph.microsoft.com/.default")
    assert azure.open(other) == (401, "InvalidAuthenticationToken")
    assert azure.open("") == (401, "AuthenticationFailed")
    assert azure.open("junk") == (401, "InvalidAuthenticationToken")
    assert azure.open(token_of(azure, azure.credential()))[0] == 200


def test_a_revoked_secret_gives_no_token_and_ends_those_there_are(azure, refused):
    token = token_of(azure, azure.credential())
    azure.act("revoke")
    assert azure.open(token) == (401, "InvalidAuthenticationToken")
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000222"):
        token_of(azure, azure.credential())
    azure.act("restore")
    assert azure.open(token)[0] == 200


SAID = {"iss": "https://issuer.example", "sub": "skyclust/worker", "aud": ASSERTION_AUDIENCE}


def assertion(signer, algorithm="RS256", **changes):
    claims = {**SAID, "exp": int(time.time()) + 300, **changes}
    return jwt.encode({"alg": algorithm, "kid": "k1"}, claims, signer, algorithms=[algorithm])


def login(azure, signed):
    told = azure.told
    credential = ClientAssertionCredential(
        told["tenant_id"],
        told["client_id"],
        lambda: signed,
        authority=told["authority"],
        disable_instance_discovery=True,
        connection_verify=told["ca_file"],
        retry_total=0,
    )
    return token_of(azure, credential)


def test_a_federated_assertion_is_verified_against_the_trusted_issuer(azure):
    key, stranger = (RSAKey.generate_key(2048, {"kid": "k1"}) for _ in range(2))
    with pytest.raises(ClientAuthenticationError, match="AADSTS70025"):
        login(azure, assertion(key))
    trusted = {"issuer": SAID["iss"], "subject": SAID["sub"], "jwks": {"keys": [key.as_dict(private=False)]}}
    azure.act("trust_issuer", **trusted)
    assert azure.open(login(azure, assertion(key)))[0] == 200
    wrong = [
        (assertion(stranger), "AADSTS700027"),
        (assertion(key, iss="https://elsewhere.example"), "AADSTS700211"),
        (assertion(key, aud="api://elsewhere"), "AADSTS700212"),
        (assertion(key, sub="somebody else"), "AADSTS700213"),
        (assertion(key, exp=int(time.time()) - 10), "AADSTS700024"),
        ("junk", "AADSTS50027"),
    ]
    for signed, number in wrong:
        with pytest.raises(ClientAuthenticationError, match=number):
            login(azure, signed)
    azure.act("trust_issuer", **trusted, lift=True)
    with pytest.raises(ClientAuthenticationError, match="AADSTS70025"):
        login(azure, assertion(key))


def test_an_assertion_on_an_elliptic_curve_is_refused_as_entra_does(azure):
    key = ECKey.generate_key("P-256", {"kid": "k1"})
    jwks = {"keys": [key.as_dict(private=False)]}
    azure.act("trust_issuer", issuer=SAID["iss"], subject=SAID["sub"], jwks=jwks)
    with pytest.raises(
        ClientAuthenticationError, match=r"AADSTS5002738: Invalid JWT token\. 'ES256' is not a supported"
    ):
        login(azure, assertion(key, "ES256"))


def test_an_expression_lets_in_every_subject_that_it_matches_and_an_application_has_twenty_trusts(azure):
    key = RSAKey.generate_key(2048, {"kid": "k1"})
    jwks = {"keys": [key.as_dict(private=False)]}
    azure.act("trust_issuer", issuer=SAID["iss"], matching="skyclust/*", jwks=jwks)
    assert login(azure, assertion(key, sub="skyclust/other"))
    with pytest.raises(ClientAuthenticationError, match="AADSTS700213"):
        login(azure, assertion(key, sub="else/other"))
    for number in range(19):
        azure.act("trust_issuer", issuer=SAID["iss"], subject=f"s{number}", jwks=jwks)
    body = {"issuer": SAID["iss"], "subject": "one more", "jwks": jwks}
    assert azure.process.ask("POST", "actions/azure/trust_issuer", body)[0] == 422


def test_rights_that_were_taken_away_are_missed_by_name(azure, refused):
    azure.act("deny_permissions", permissions=["Microsoft.Network/*/write"])
    with refused() as it:
        azure.make_network()
    assert (it.status, it.code) == (403, "AuthorizationFailed")
    assert "Microsoft.Network/virtualNetworks/write" in it.message
    assert azure.get("providers/Microsoft.Authorization/permissions")["value"][0]["notActions"] == [
        "Microsoft.Network/*/write"
    ]
    azure.act("deny_permissions", permissions=[])
    azure.make_network()


def test_tokens_end_after_an_hour_of_the_clients_time(tmp_path):
    now = [1_000_000.0]
    identities = Identities(Store(), tmp_path, lambda: now[0])
    form = {
        "grant_type": "client_credentials",
        "client_id": identities.account.client,
        "client_secret": identities.secret,
        "scope": "https://management.azure.com/.default",
    }
    claims = identities.claims(identities.exchange(identities.account.tenant, form)["access_token"])
    assert identities.is_current(claims)
    now[0] += 3601
    assert not identities.is_current(claims)
    for wrong, number in (
        ({"scope": "https://management.azure.com/"}, 1002012),
        ({"client_id": "other"}, 700016),
        ({"grant_type": "password"}, 70003),
        ({"client_secret": ""}, 7000218),
    ):
        with pytest.raises(LoginError) as refusal:
            identities.exchange(identities.account.tenant, {**form, **wrong})
        assert refusal.value.number == number


def test_the_library_that_discovers_the_authority_first_gets_a_token_too(azure):
    """azure-identity without asyncio goes through MSAL, which reads the OpenID configuration before it asks."""
    told = azure.told
    with ClientSecretCredential(
        told["tenant_id"],
        told["client_id"],
        told["client_secret"],
        authority=told["authority"],
        disable_instance_discovery=True,
        connection_verify=told["ca_file"],
    ) as credential:
        token = credential.get_token("https://management.azure.com/.default").token
    assert azure.open(token)[0] == 200
    configuration = azure.ask(f"/{told['tenant_id']}/v2.0/.well-known/openid-configuration", "")[1]
    keys = azure.ask(configuration["jwks_uri"].removeprefix(told["authority"]), "")[1]
    claims = jwt.decode(token, KeySet.import_key_set(keys), algorithms=["RS256"]).claims
    assert (claims["appid"], claims["tid"]) == (told["client_id"], told["tenant_id"])
    endpoints = azure.ask("/metadata/endpoints?api-version=2022-09-01", "")[1]
    assert endpoints["authentication"]["loginEndpoint"] == told["authority"]
