"""Workload identity federation against the sandbox's STS, which checks what it is given: who gets in, who does not."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from federating import ISSUER, OURS, THEIRS, Trusting, issuer, vouched
from skyclust.contract.errors import AuthenticationFailed, InvalidSpec, PermissionDenied, ProviderError, Unavailable
from skyclust.contract.identities import IDENTITY, TrustsIssuers
from skyclust.kit.json_schemas import schema_errors
from skyclust.providers.gcp import provider
from skyclust.providers.gcp.credentials import parse_login
from skyclust.providers.gcp.federation import TokenEndpoints, refuse_open_trust

REGION = "europe-west1"
PROVIDER = provider({})
GOOD = {
    "type": "external_account", "project_id": "my-project",
    "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/skyclust",
}  # fmt: skip
EMAIL = "clusters@my-project.iam.gserviceaccount.com"
URL = f"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{EMAIL}:generateAccessToken"


@pytest.fixture
def trusting(sandbox):
    return Trusting(sandbox)


def verify(trusting, data, workspace=OURS, by=None):
    return asyncio.run(trusting.sandbox.provider.verify(vouched(data, workspace, by or issuer())))


def refusal(trusting, data, workspace=OURS, by=None) -> ProviderError:
    with pytest.raises(ProviderError) as refused:
        verify(trusting, data, workspace, by)
    assert "eyJ" not in str(refused.value)
    assert "ya29." not in str(refused.value)
    return refused.value


# ---- who gets in ----
def test_a_trusted_workspace_is_verified_as_the_service_account_and_works_with_it(trusting):
    trusting.trust(issuer())
    email = trusting.grant(trusting.member())
    data = trusting.data(service_account=email)
    told = verify(trusting, data)
    assert (told.account, told.principal, told.missing_permissions) == (trusting.sandbox.project, email, ())
    assert (told.expires_at, told.issued_at) == (None, None)  # there is no key, so none can end
    session = trusting.sandbox.provider.connect(vouched(data, OURS, issuer()), REGION)
    found = asyncio.run(session.read(lambda apis: apis.compute.networks().list(project=session.project)))
    assert found["kind"] == "compute#networkList"


def test_without_a_service_account_the_subject_itself_needs_the_permissions(trusting):
    trusting.trust(issuer())
    assert isinstance(refusal(trusting, trusting.data()), PermissionDenied)
    policy = {"bindings": [{"role": "roles/container.admin", "members": [trusting.member()]}]}
    trusting.call(lambda apis: apis.projects.projects().setIamPolicy(
        resource=trusting.sandbox.project, body={"policy": policy},
    ))  # fmt: skip
    assert verify(trusting, trusting.data()).principal == trusting.member()


def test_the_service_account_may_be_named_by_the_address_that_gcloud_writes(trusting):
    trusting.trust(issuer())
    email = trusting.grant(trusting.member())
    url = f"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{email}:generateAccessToken"
    assert verify(trusting, trusting.data(service_account_impersonation_url=url)).principal == email


# ---- who does not ----
def test_another_workspace_is_refused_at_the_pool_with_what_to_do(trusting):
    trusting.trust(issuer())
    email = trusting.grant(trusting.member())
    refused = refusal(trusting, trusting.data(service_account=email), THEIRS)
    assert isinstance(refused, AuthenticationFailed)
    assert (refused.operation, refused.code) == ("sts.token", "unauthorized_client")
    assert "skyclust-00000000-0000-0000-0000-000000000002" in refused.message


def test_a_pool_that_lets_in_every_workspace_is_refused_though_it_lets_in_this_one(trusting):
    trusting.trust(issuer(), None)
    email = trusting.grant(trusting.member())
    refused = refusal(trusting, trusting.data(service_account=email))
    assert isinstance(refused, AuthenticationFailed)
    assert "google.subject == 'skyclust-00000000-0000-0000-0000-000000000001'" in refused.message
    trusting.change("attributeCondition", attributeCondition=f"google.subject=='{issuer().identity_of(OURS).subject}'")
    assert verify(trusting, trusting.data(service_account=email)).principal == email


def test_who_was_not_granted_the_service_account_is_told_the_grant(trusting):
    trusting.trust(issuer())
    email = trusting.grant(trusting.member(THEIRS))
    refused = refusal(trusting, trusting.data(service_account=email))
    assert isinstance(refused, PermissionDenied)
    assert trusting.member() in refused.message
    assert "roles/iam.workloadIdentityUser" in refused.message


@pytest.mark.parametrize(
    ("by", "why"),
    [
        (issuer("https://elsewhere.example.com"), "another issuer"),
        (issuer(key=bytes(32)), "another key of the same name"),
        (issuer(behind=timedelta(hours=1)), "expired"),
        (issuer(behind=timedelta(hours=-1)), "not yet"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_token_of_another_issuer_key_or_time_gets_nothing(trusting, by, why):
    trusting.trust(issuer())
    email = trusting.grant(trusting.member())
    refused = refusal(trusting, trusting.data(service_account=email), by=by)
    assert (refused.operation, refused.code) == ("sts.token", "invalid_grant"), why


def test_a_token_for_another_audience_gets_nothing(trusting):
    trusting.trust(issuer(), oidc={"issuerUri": ISSUER, "allowedAudiences": ["https://other.example.com"]})
    assert refusal(trusting, trusting.data()).code == "invalid_grant"


def test_a_pool_that_does_not_exist_is_named(trusting):
    refused = refusal(trusting, trusting.data())
    assert refused.code == "invalid_target"
    assert trusting.audience in refused.message


def test_two_workspaces_never_share_a_token_even_with_equal_data(trusting):
    trusting.trust(issuer())
    data = trusting.data(service_account=trusting.grant(trusting.member()))
    connect = trusting.sandbox.provider.connect
    ours = connect(vouched(data, OURS, issuer()), REGION)
    asyncio.run(ours.access_token())
    with pytest.raises(AuthenticationFailed):
        asyncio.run(connect(vouched(data, THEIRS, issuer()), REGION).access_token())
    assert asyncio.run(connect(vouched(data, OURS, issuer()), "us-east1").access_token()) is asyncio.run(
        ours.access_token()
    )


def test_a_token_that_ends_is_replaced_by_exchanging_anew(trusting):
    trusting.trust(issuer())
    data = trusting.data(service_account=trusting.grant(trusting.member()))
    session = trusting.sandbox.provider.connect(vouched(data, OURS, issuer()), REGION)
    first = asyncio.run(session.access_token())
    before = len(trusting.sandbox.calls("sts.token"))
    assert asyncio.run(session.access_token()) is first
    session._tokens._current = replace(first, expires_at=first.expires_at - timedelta(minutes=58))
    second = asyncio.run(session.access_token())
    assert second.text != first.text
    assert len(trusting.sandbox.calls("sts.token")) == before + 1
    assert asyncio.run(session.read(lambda apis: apis.compute.networks().list(project=session.project)))


def test_an_sts_that_fails_makes_nothing_invalid(trusting):
    trusting.trust(issuer())
    trusting.sandbox.fault("error_before", "sts.token", times=1)
    assert isinstance(refusal(trusting, trusting.data()), Unavailable)
    nowhere = TokenEndpoints(sts="http://127.0.0.1:9/v1/token")
    with pytest.raises(Unavailable):
        refuse_open_trust(parse_login(vouched(GOOD, OURS, issuer())), nowhere)


# ---- what is accepted from a tenant ----
@pytest.mark.parametrize(
    "source",
    [
        {"file": "/etc/passwd"},
        {"url": "http://169.254.169.254/latest/meta-data/"},
        {"executable": {"command": "/bin/sh -c id"}},
        {"environment_id": "aws1", "region_url": "http://169.254.169.254/", "regional_cred_verification_url": "x"},
        {"certificate": {"use_default_certificate_config": True}},
        {},
        "file",
        None,
    ],
    ids=str,
)
def test_whatever_tells_this_server_to_read_or_run_something_is_refused(source):
    data = {**GOOD, "credential_source": source}
    (error,) = schema_errors(PROVIDER.credential_schema, data, "/data")
    assert error.pointer == "/data/credential_source"
    assert "Leave credential_source out" in error.detail
    with pytest.raises(InvalidSpec, match="Leave credential_source out"):  # also where no schema was looked at
        PROVIDER.connect(vouched(data, OURS, issuer()), REGION)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("token_url", "https://sts.evil.example.com/v1/token"),
        ("token_info_url", "https://evil.example.com/introspect"),
        ("service_account_impersonation_url", URL.replace("googleapis.com", "googleapis.com.evil.example.com")),
        ("service_account_impersonation_url", URL.replace("https://", "https://evil.example.com/")),
        ("service_account_impersonation_url", URL.replace(EMAIL, "../../x")),
        ("service_account_impersonation_url", URL + "\n"),
        ("service_account", "clusters@my-project.iam.gserviceaccount.com/../../x"),
        ("audience", GOOD["audience"] + "/../other"),
        ("audience", "https://evil.example.com"),
        ("audience", GOOD["audience"] + "\n"),
        ("subject_token_type", "urn:ietf:params:aws:token-type:aws4_request"),
        ("universe_domain", "evil.example.com"),
        ("project_id", "../x"),
        ("private_key", "-----BEGIN PRIVATE KEY-----"),
    ],
)
def test_addresses_and_names_are_googles_own_or_refused(field, value):
    with pytest.raises(InvalidSpec) as refused:
        PROVIDER.connect(vouched(GOOD | {field: value}, OURS, issuer()), REGION)
    assert refused.value.field == field
    assert value not in refused.value.message


@pytest.mark.parametrize("field", ["client_secret", "workforce_pool_user_project", "quota_project_id"])
def test_a_field_that_is_not_known_is_refused_by_the_schema(field):
    assert [error.pointer for error in schema_errors(PROVIDER.credential_schema, GOOD | {field: "x"}, "/data")] == [
        f"/data/{field}"
    ]


def test_both_kinds_fit_the_schema_and_a_mixture_does_not(sandbox):
    def wrong(data):
        return [error.pointer for error in schema_errors(PROVIDER.credential_schema, data, "/data")]

    assert wrong(GOOD) == []
    assert (
        wrong(GOOD | {"service_account_impersonation_url": URL, "token_url": "https://sts.googleapis.com/v1/token"})
        == []
    )
    assert wrong(sandbox.credential) == []
    assert wrong({"type": "external_account", "project_id": "my-project"}) == ["/data/audience"]
    assert wrong({"type": "service_account", "project_id": "my-project", "client_email": "x"}) == ["/data/private_key"]


def test_without_a_public_address_the_operator_is_named():
    data = {key: value for key, value in vouched(GOOD, OURS, issuer()).items() if key != IDENTITY}
    with pytest.raises(AuthenticationFailed, match="SKYCLUST_PUBLIC_URL"):
        PROVIDER.connect(data, REGION)
    assert issuer("").identity_of(OURS) is None


def test_tokens_go_where_the_machine_says_and_nowhere_else():
    assert TokenEndpoints.of({}) == TokenEndpoints()
    told = TokenEndpoints.of({"SKYCLUST_GCP_ENDPOINT": "http://h:1/", "SKYCLUST_GCP_STS_URI": "http://h:2/t"})
    assert (told.sts, told.iam_credentials) == ("http://h:2/t", "http://h:1")
    assert TokenEndpoints.of({"SKYCLUST_GCP_ENDPOINT": "http://h:1"}).sts == "http://h:1/v1/token"


def test_the_guide_names_the_issuer_and_lets_in_this_subject_only():
    assert isinstance(PROVIDER, TrustsIssuers)
    text = PROVIDER.trust_guide(ISSUER, "skyclust-w1")
    assert f"--issuer-uri='{ISSUER}'" in text
    assert "--attribute-condition=\"google.subject == 'skyclust-w1'\"" in text
    assert "/subject/skyclust-w1" in text
