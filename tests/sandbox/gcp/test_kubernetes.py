"""The clusters' own Kubernetes API: reachable where GKE says, for whom Google knows."""

import base64
import json
import ssl
import urllib.error
import urllib.request

import pytest


def nodes(cluster: dict, token: str | None) -> list[str]:
    trusted = ssl.create_default_context(
        cadata=base64.b64decode(cluster["masterAuth"]["clusterCaCertificate"]).decode()
    )
    request = urllib.request.Request(f"https://{cluster['endpoint']}/api/v1/nodes")
    if token:
        request.add_header("authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=20, context=trusted) as reply:
        return sorted(item["metadata"]["name"] for item in json.loads(reply.read())["items"])


@pytest.fixture
def served(clustered):
    if clustered.cluster()["endpoint"].endswith(".invalid"):
        pytest.skip("this sandbox has no Kubernetes API server")
    return clustered


def token_of(cloud) -> str:
    return cloud.compute._http.credentials.token


def test_an_access_token_opens_the_cluster_and_shows_its_nodes(served, sandbox):
    machines = sorted(row["name"] for row in sandbox.resources("instance"))
    assert nodes(served.cluster(), token_of(served)) == machines
    served.settled(served.pools.setSize(name=f"{served.name()}/nodePools/main", body={"nodeCount": 3}).execute())
    assert len(nodes(served.cluster(), token_of(served))) == 3


@pytest.mark.parametrize("token", [None, "ya29.nonsense"])
def test_nobody_else_gets_in(served, token):
    with pytest.raises(urllib.error.HTTPError) as refused:
        nodes(served.cluster(), token)
    with refused.value as answer:
        assert answer.code in (401, 403)


def test_a_deleted_cluster_answers_no_more(served):
    cluster, token = served.cluster(), token_of(served)
    served.settled(served.clusters.delete(name=served.name()).execute())
    with pytest.raises(urllib.error.HTTPError) as refused:
        nodes(cluster, token)
    refused.value.close()
