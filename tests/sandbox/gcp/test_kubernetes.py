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


def token_of(cloud) -> str:
    return cloud.compute._http.credentials.token


def test_an_access_token_opens_the_cluster_and_shows_its_nodes(clustered, sandbox):
    machines = sorted(row["name"] for row in sandbox.resources("instance"))
    assert nodes(clustered.cluster(), token_of(clustered)) == machines
    clustered.settled(
        clustered.pools.setSize(name=f"{clustered.name()}/nodePools/main", body={"nodeCount": 3}).execute()
    )
    assert len(nodes(clustered.cluster(), token_of(clustered))) == 3


@pytest.mark.parametrize("token", [None, "ya29.nonsense"])
def test_nobody_else_gets_in(clustered, token):
    with pytest.raises(urllib.error.HTTPError) as refused:
        nodes(clustered.cluster(), token)
    with refused.value as answer:
        assert answer.code in (401, 403)


def test_a_deleted_cluster_answers_no_more(clustered):
    cluster, token = clustered.cluster(), token_of(clustered)
    clustered.settled(clustered.clusters.delete(name=clustered.name()).execute())
    with pytest.raises(urllib.error.HTTPError) as refused:
        nodes(cluster, token)
    refused.value.close()
