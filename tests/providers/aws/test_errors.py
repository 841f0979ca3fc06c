import pytest
from botocore import exceptions as sdk

from skyclust.contract import errors
from skyclust.providers.aws.errors import NotFound, from_code, from_exception

TABLE = [
    ("RequestLimitExceeded", 503, errors.Throttled),
    ("TooManyRequestsException", 429, errors.Throttled),
    ("Throttling", 400, errors.Throttled),
    ("AnythingNew", 429, errors.Throttled),
    ("AuthFailure", 401, errors.AuthenticationFailed),
    ("InvalidClientTokenId", 403, errors.AuthenticationFailed),
    ("UnrecognizedClientException", 403, errors.AuthenticationFailed),
    ("SignatureDoesNotMatch", 403, errors.AuthenticationFailed),
    ("ExpiredToken", 403, errors.AuthenticationFailed),
    ("UnauthorizedOperation", 403, errors.PermissionDenied),
    ("AccessDeniedException", 403, errors.PermissionDenied),
    ("VpcLimitExceeded", 400, errors.QuotaExceeded),
    ("AddressLimitExceeded", 400, errors.QuotaExceeded),
    ("ResourceLimitExceededException", 400, errors.QuotaExceeded),
    ("LimitExceeded", 409, errors.QuotaExceeded),
    ("InsufficientInstanceCapacity", 500, errors.NoCapacity),
    ("UnsupportedAvailabilityZoneException", 400, errors.NoCapacity),
    ("DependencyViolation", 400, errors.InUse),
    ("ResourceInUseException", 409, errors.InUse),
    ("DeleteConflict", 409, errors.InUse),
    ("EntityAlreadyExists", 409, errors.NameTaken),
    ("InvalidGroup.Duplicate", 400, errors.NameTaken),
    ("InvalidParameterException", 400, errors.InvalidSpec),
    ("InvalidVpc.Range", 400, errors.InvalidSpec),
    ("ValidationError", 400, errors.InvalidSpec),
    ("UnsupportedOperation", 400, errors.NotSupported),
    ("InvalidVpcID.NotFound", 400, NotFound),
    ("NoSuchEntity", 404, NotFound),
    ("ResourceNotFoundException", 404, NotFound),
    ("NatGatewayNotFound", 400, NotFound),
    ("SomethingElse", 400, errors.Unclassified),
]


@pytest.mark.parametrize(("code", "status", "expected"), TABLE)
@pytest.mark.parametrize("mutating", [True, False])
def test_codes_have_classes(code, status, expected, mutating):
    error = from_code(code, "Said AWS.", status, "ec2:CreateVpc", mutating=mutating)
    assert type(error) is expected
    assert error.operation == "ec2:CreateVpc"
    assert error.code == code


@pytest.mark.parametrize("code", ["InternalError", "ServerException", "ServiceUnavailable", "Strange"])
def test_a_failure_inside_aws_is_ambiguous_only_for_mutations(code):
    assert type(from_code(code, "", 500, "eks:CreateCluster", mutating=True)) is errors.Ambiguous
    assert type(from_code(code, "", 500, "eks:DescribeCluster", mutating=False)) is errors.Unavailable


def test_a_role_that_iam_has_not_spread_yet_is_tried_again():
    said = "The role arn:aws:iam::1:role/x does not exist or cannot be assumed."
    error = from_code("InvalidParameterException", said, 400, "eks:CreateCluster", mutating=True)
    assert type(error) is errors.NotYet
    assert error.definitely_not_applied


def test_the_field_is_named_where_aws_tells_it():
    said = "[t3.banana] is not a valid instance type."
    error = from_code("InvalidParameterException", said, 400, "eks:CreateNodegroup", mutating=True)
    assert error.field == "node_pools/0/machine_type"


def test_waiting_times_are_aws_s_own_where_it_gives_one():
    response = {
        "Error": {"Code": "Throttling"},
        "ResponseMetadata": {"HTTPStatusCode": 400, "HTTPHeaders": {"retry-after": "7"}},
    }
    error = from_exception(sdk.ClientError(response, "X"), "iam:CreateRole", mutating=True)
    assert error.retry_after_seconds == 7


@pytest.mark.parametrize(
    ("error", "mutation", "read"),
    [
        (sdk.ReadTimeoutError(endpoint_url="http://x"), errors.Ambiguous, errors.TimedOut),
        (sdk.ConnectTimeoutError(endpoint_url="http://x"), errors.Ambiguous, errors.TimedOut),
        (sdk.ConnectionClosedError(endpoint_url="http://x"), errors.Ambiguous, errors.Unavailable),
        (sdk.EndpointConnectionError(endpoint_url="http://x", error="e"), errors.Ambiguous, errors.Unavailable),
        (TimeoutError(), errors.Ambiguous, errors.TimedOut),
        (ConnectionResetError(), errors.Ambiguous, errors.Unavailable),
        (sdk.NoCredentialsError(), errors.AuthenticationFailed, errors.AuthenticationFailed),
        (sdk.ParamValidationError(report="secret=hunter2"), errors.InvalidSpec, errors.InvalidSpec),
        (KeyError("x"), errors.Unclassified, errors.Unclassified),
    ],
)
def test_exceptions_have_classes_and_tell_nothing_of_the_sdk(error, mutation, read):
    told = from_exception(error, "ec2:CreateVpc", mutating=True)
    assert type(told) is mutation
    assert type(from_exception(error, "ec2:DescribeVpcs", mutating=False)) is read
    assert "http" not in told.message
    assert "hunter2" not in told.message


def test_encoded_blobs_are_cut_off():
    said = "You are not authorized. Encoded authorization failure message: AAAAAAAA"
    assert "AAAA" not in from_code("UnauthorizedOperation", said, 403, "ec2:CreateVpc", mutating=True).message
