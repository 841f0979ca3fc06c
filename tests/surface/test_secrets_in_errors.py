"""Secrets in what an SDK raises reach no answer, log line, story, event or row (T4): both nets, for each class of error."""

import base64
import json
import logging
from urllib.parse import quote

import pytest
import structlog

from building import KEY, on_site
from skyclust.kit.problems import FieldError, Problem, invalid
from skyclust.kit.redacting import Known
from skyclust.providers.aws.errors import from_exception
from skyclust.providers.gcp.classifying import classify
from tenancy import server_logs
from whole_app import whole

CANARY = "Zq9/canary+SECRET=key0815abcdefghij"
JWT = "eyJhbGciOiJSUzI1NiJ9" + ".eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlX2NhbmFyeQ"
PEM = "-----BEGIN PRIVATE KEY-----\nMIIcanary0123456789\nMIIcanary9876543210\n-----END PRIVATE KEY-----"
SHAPES = {
    "a signed token": (f"sent {JWT} to it", JWT),
    "a private key": (f"the key {PEM} is wrong", "MIIcanary0123456789"),
    "a private key cut off": (f"the key {PEM[:60]}", "MIIcanary0123456789"),
    "a bearer": ("Authorization: Bearer abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnop"),
    "Google's access token": ("token ya29.a0canary-canary", "a0canary"),
    "our own": ("token skyclust_canarycanarycanarycanary", "canarycanary"),
    "a URL with a password": ("postgresql://ada:hunter22@db/skyclust refused", "hunter22"),
    "a signed URL": ("GET /?X-Amz-Signature=0123456789abcdef&x=1", "0123456789abcdef"),
    "a field of a document": ('{"SecretAccessKey": "wJalrcanary/bPx"}', "wJalrcanary"),
    "a field of a form": ("client_secret=canary-canary&grant_type=x", "canary-canary"),
}
#: Sentences of ours that only talk about secrets.
HARMLESS = (
    "Send `Authorization: Bearer <access token>`; /auth/login gives one.",
    "The access key is unknown, revoked or expired, its secret is wrong.",
    "https://login.example.com/realms/x does not answer; arn:aws:iam::123456789012:role/admin; vpc-0a1b2c3d4e5f67890",
    "a password has at least 12 characters; the signature does not match",
)


@pytest.mark.parametrize(("text", "secret"), SHAPES.values(), ids=SHAPES)
def test_what_looks_like_a_secret_is_blanked_out_whoever_made_it(text, secret):
    assert secret not in Known().scrub(text)
    assert "[redacted]" in Known().scrub(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_talks_about_secrets_stays(text):
    assert Known().scrub(text) == text


def test_a_value_that_was_opened_is_blanked_out_in_every_usual_spelling():
    known = Known()
    known.remember([CANARY, PEM, "short"])
    for text in (
        CANARY,
        f"x{CANARY}y",
        quote(CANARY, safe=""),
        base64.b64encode(CANARY.encode()).decode(),
        json.dumps(CANARY),
    ):
        assert "canary" not in known.scrub(text).lower(), text
    assert known.scrub("the line MIIcanary9876543210 alone") == "the line [redacted] alone"
    assert known.scrub("nothing short is touched") == "nothing short is touched"


def test_the_longer_of_two_values_goes_first_and_memory_is_bounded():
    known = Known(most=10)
    known.remember(["abcdef-one", "abcdef-one-and-more"])
    assert known.scrub("abcdef-one-and-more") == "[redacted]"
    for number in range(100):
        known.remember([f"value number {number}"])
    assert len(known._values) == 10
    assert known.scrub("value number 99 and abcdef-one") == "[redacted] and abcdef-one"


def aws_errors(secret):
    from botocore import exceptions as sdk

    codes = (
        "UnauthorizedOperation", "InvalidParameterValue", "VpcLimitExceeded", "DependencyViolation", "InternalError",
        "EntityAlreadyExists", "InsufficientInstanceCapacity", "Throttling", "NobodyKnowsThis", "UnsupportedOperation",
        "InvalidVpcID.NotFound", "AuthFailure",
    )  # fmt: skip
    for code in codes:
        answer = {
            "Error": {"Code": code, "Message": f"refused {secret} here"},
            "ResponseMetadata": {"HTTPStatusCode": 400},
        }
        yield sdk.ClientError(answer, "CreateVpc")
    yield sdk.EndpointConnectionError(endpoint_url=f"https://x/{secret}", error=secret)
    yield sdk.ReadTimeoutError(endpoint_url=f"https://x/{secret}", error=secret)
    yield sdk.SSLError(endpoint_url=f"https://x/{secret}", error=secret)
    yield sdk.ParamValidationError(report=f"Invalid value {secret}")
    yield sdk.NoCredentialsError()
    yield sdk.CredentialRetrievalError(provider="x", error_msg=secret)
    yield sdk.InvalidRegionError(region_name=secret)
    yield ConnectionResetError(secret)
    yield ValueError(secret)


def gcp_errors(secret):
    for status, reason in (
        (400, "invalid"), (401, "authError"), (403, "forbidden"), (403, "quotaExceeded"), (404, "notFound"),
        (409, "alreadyExists"), (412, "conditionNotMet"), (429, "rateLimitExceeded"), (500, "backendError"), (599, "x"),
    ):  # fmt: skip
        error = {"code": status, "message": f"refused {secret} here", "errors": [{"reason": reason, "message": secret}]}
        yield status, json.dumps({"error": error}).encode()


def classified(secret):
    for mutating in (True, False):
        for error in aws_errors(secret):
            yield from_exception(error, "ec2:CreateVpc", mutating=mutating)
        for status, body in gcp_errors(secret):
            yield classify(status, body, operation="compute.networks.insert", mutating=mutating)


async def tables(house, *names):
    return [await house.scalar(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {name} t") for name in names]


def test_no_class_of_sdk_error_carries_a_secret_into_answer_log_or_table(postgres):
    async def story(site):
        ada = await site.person()
        await site.workspace(admin=ada)
        site.cloud.accounts[CANARY] = "account-1"
        body = {"name": "c", "provider": site.cloud.name, "data": {"secret_key": CANARY}}
        created = await ada.client.post("/credentials", json=body)
        assert created.status_code == 201, created.text
        texts, kinds = [], set()
        for error in classified(CANARY):
            site.cloud.failure = error
            answer = await ada.client.post(f"/credentials/{created.json()['id']}:verify")
            assert answer.status_code in (422, 503), answer.text
            texts.append(answer.text)
            kinds.add(type(error).__name__)
        texts += await tables(site, "credentials", "outbox", "audit_entries")
        return texts, kinds, site.logs.getvalue()

    texts, kinds, logged = whole(postgres, story)
    assert len(kinds) > 10
    assert "[redacted]" in "".join(texts)
    assert "canary" not in "".join([*texts, logged]).lower()


def test_no_step_message_event_or_row_of_an_operation_holds_a_secret(postgres):
    waiting = {type(error): error for error in classified(KEY) if KEY in error.message}
    raised = []

    async def story(site):
        def decide(operation):
            if not operation.startswith("create."):
                return
            error = next((waiting[kind] for kind in waiting if kind not in {type(one) for one in raised}), None)
            if error is None:
                return
            raised.append(error)
            raise error

        site.faults.decide = decide
        for number in range(len(waiting)):
            await site.ended(await site.create_network(f"net{number}", f"10.{number}.0.0/16"))
            if len(raised) == len(waiting):
                break
        return await tables(
            site.house, "resources", "operations", "operation_steps", "operation_timeline", "outbox", "audit_entries"
        )

    dumps = " ".join(on_site(postgres, story))
    assert len(raised) == len(waiting) > 8
    assert "refused [redacted] here" in dumps
    assert KEY not in dumps


def test_no_log_line_holds_a_secret_whoever_writes_it_and_each_is_one_line():
    secret_in_it = RuntimeError(f'could not send {JWT}\r\n{{"event": "forged"}}')
    with server_logs() as logs:
        structlog.get_logger("x").error(
            "a defect", exc_info=secret_in_it, detail=[f"Bearer {JWT}"], password="hunter22"
        )
        logging.getLogger("library").error("it broke: %s", JWT, exc_info=secret_in_it)
        logging.getLogger("library").warning("two\r\nlines")
    lines = [json.loads(line) for line in logs.getvalue().splitlines()]
    assert len(lines) == 3
    assert "c2lnbmF0dXJlX2NhbmFyeQ" not in logs.getvalue()
    assert "hunter22" not in logs.getvalue()
    assert lines[1]["exception"]


def test_a_problem_scrubs_what_it_says():
    problem = Problem(422, "x", "t", f"sent {JWT}").document("t")
    fields = invalid([FieldError("/a", f"sent {JWT}")]).document("t")
    assert JWT not in json.dumps([problem, fields])
