"""Replies and refusals in the shape of each AWS protocol. Called by the front and by every check in front of moto.

Invariant: an SDK parses every refusal into the error code given here.
"""

import json
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

JSON_SERVICES = {"eks", "servicequotas", "pricing", "ce", "ssm"}  # the others here speak XML


@dataclass
class Reply:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """A call refused in AWS's own words; `status` is the HTTP status of the code."""

    def __init__(self, code: str, message: str, status: int = 400, **members: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.members = members


def refuse(service: str, refusal: Refusal, request_id: str) -> Reply:
    headers = {"x-amzn-requestid": request_id}
    if service in JSON_SERVICES:
        document = {"message": refusal.message, **refusal.members}
        if service != "eks":
            document["__type"] = refusal.code
        headers |= {"content-type": "application/json", "x-amzn-errortype": refusal.code}
        return Reply(refusal.status, json.dumps(document).encode(), headers)
    error = f"<Code>{escape(refusal.code)}</Code><Message>{escape(refusal.message)}</Message>"
    if service == "ec2":
        text = f"<Response><Errors><Error>{error}</Error></Errors><RequestID>{request_id}</RequestID></Response>"
    else:
        kind = "Receiver" if refusal.status >= 500 else "Sender"
        inside = f"<Error><Type>{kind}</Type>{error}</Error><RequestId>{request_id}</RequestId>"
        text = f"<ErrorResponse>{inside}</ErrorResponse>"
    return Reply(
        refusal.status, f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode(), headers | {"content-type": "text/xml"}
    )


def json_reply(document: dict[str, Any], request_id: str, content_type: str = "application/json") -> Reply:
    return Reply(200, json.dumps(document).encode(), {"content-type": content_type, "x-amzn-requestid": request_id})


def xml_reply(operation: str, result: str, request_id: str) -> Reply:
    """IAM's answer to `operation`; one page."""
    inside = f"<{operation}Result><IsTruncated>false</IsTruncated>{result}</{operation}Result>"
    about = f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
    name, space = f"{operation}Response", "https://iam.amazonaws.com/doc/2010-05-08/"
    text = f'<{name} xmlns="{space}">{inside}{about}</{name}>'
    return Reply(200, text.encode(), {"content-type": "text/xml", "x-amzn-requestid": request_id})


def bad_credentials(service: str) -> Refusal:
    """What each service says to an access key it does not know."""
    if service == "ec2":
        return Refusal("AuthFailure", "AWS was not able to validate the provided access credentials", 401)
    code = "UnrecognizedClientException" if service in JSON_SERVICES else "InvalidClientTokenId"
    return Refusal(code, "The security token included in the request is invalid.", 403)


def bad_signature(service: str) -> Refusal:
    """What each service says to a known key with a wrong secret; EC2 makes no difference between the two."""
    if service == "ec2":
        return bad_credentials(service)
    message = (
        "The request signature we calculated does not match the signature you provided. "
        "Check your AWS Secret Access Key and signing method."
    )
    code = "InvalidSignatureException" if service in JSON_SERVICES else "SignatureDoesNotMatch"
    return Refusal(code, message, 403)


def throttled(service: str) -> Refusal:
    if service == "ec2":
        return Refusal("RequestLimitExceeded", "Request limit exceeded.", 503)
    if service == "eks":
        return Refusal("TooManyRequestsException", "Too Many Requests", 429)
    code = "ThrottlingException" if service in JSON_SERVICES else "Throttling"
    return Refusal(code, "Rate exceeded", 400)


def internal_error(service: str) -> Refusal:
    if service == "eks":
        return Refusal("ServerException", "An internal error has occurred.", 500)
    code = "InternalError" if service == "ec2" else "InternalFailure"
    return Refusal(code, "An internal error has occurred.", 500)
