"""Ways into a cluster: kubeconfig data and short-lived tokens. Called by the provider.

A token is a presigned sts:GetCallerIdentity that names the cluster, as aws-iam-authenticator and `aws eks get-token`
make it. Invariant: no static secret is in either.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

from skyclust.contract.provider import ClusterAccess, KubeToken
from skyclust.contract.resources import JsonObject
from skyclust.providers.aws.sessions import AwsSession

PREFIX = "k8s-aws-v1."
#: EKS accepts a token for 15 minutes after it was signed; one minute is left for the way.
LIFE = timedelta(minutes=14)
#: The longest X-Amz-Expires that EKS accepts in the URL.
URL_SECONDS = 60


def cluster_access(outputs: JsonObject) -> ClusterAccess:
    """From the outputs of the node "cluster"."""
    name, region = outputs["name"], outputs["region"]
    user_exec = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "aws",
        "args": ["--region", region, "eks", "get-token", "--cluster-name", name, "--output", "json"],
        "interactiveMode": "IfAvailable",
        "provideClusterInfo": False,
        "installHint": "Install the AWS CLI v2: https://docs.aws.amazon.com/cli/latest/userguide/",
    }
    return ClusterAccess(name, outputs["endpoint"], outputs["ca_data"], user_exec)


async def kube_token(session: AwsSession, outputs: JsonObject) -> KubeToken:
    """Signed here; no call is made beyond what it takes to have keys."""
    from botocore.auth import SigV4QueryAuth  # noqa: PLC0415 - the SDK is loaded with the first call
    from botocore.awsrequest import AWSRequest  # noqa: PLC0415 - as above

    keys = await session.frozen_credentials()
    endpoint = await session.endpoint_of("sts")
    url = f"{endpoint.rstrip('/')}/?Action=GetCallerIdentity&Version=2011-06-15"
    request = AWSRequest("GET", url, headers={"x-k8s-aws-id": outputs["name"]})
    SigV4QueryAuth(keys, "sts", session.region, expires=URL_SECONDS).add_auth(request)
    encoded = base64.urlsafe_b64encode(request.url.encode()).decode().rstrip("=")
    return KubeToken(PREFIX + encoded, datetime.now(UTC) + LIFE)
