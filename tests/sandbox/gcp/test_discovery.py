"""The validator against bad input, and every answer of the emulator against the documents."""

import json
import urllib.request

import pytest

from skyclust.sandbox.gcp.discovery import discovery
from skyclust.sandbox.gcp.errors import GoogleError


def cluster_problems(body: dict) -> list[str]:
    return discovery().schema_problems("container.v1", "Cluster", body)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"nmae": "x"}, 'Unknown name "nmae"'),
        ({"name": 5}, "TYPE_STRING"),
        ({"initialNodeCount": "many"}, "TYPE_INT32"),
        ({"initialNodeCount": 2**31}, "TYPE_INT32"),
        ({"initialNodeCount": True}, "TYPE_INT32"),
        ({"locations": "europe-west1-b"}, "list"),
        ({"locations": [1]}, "locations[0]"),
        ({"nodePools": [{"config": {"spott": True}}]}, "nodePools[0].config"),
        ({"resourceLabels": {"a": 1}}, "resourceLabels.a"),
        ({"releaseChannel": {"channel": "WEEKLY"}}, "Allowed values"),
        ({"autopilot": "on"}, "object"),
        ({"autopilot": {"enabled": "true"}}, "TYPE_BOOL"),
    ],
)
def test_a_body_that_does_not_fit_is_told_where(body, words):
    assert words in "\n".join(cluster_problems(body))


def test_a_body_that_fits_passes():
    assert cluster_problems({"name": "x", "initialNodeCount": 3, "resourceLabels": {"a": "b"}, "autopilot": {}}) == []


@pytest.mark.parametrize(
    ("line", "method"),
    [
        ("GET /compute/v1/projects/p/global/networks", "compute.networks.list"),
        ("POST /v1/projects/p/locations/l/clusters/c/nodePools/n:setSize", "container.projects.locations.clusters.nodePools.setSize"),
        ("PUT /v1/projects/p/locations/l/clusters/c", "container.projects.locations.clusters.update"),
        ("POST /v1/projects/p:getIamPolicy", "cloudresourcemanager.projects.getIamPolicy"),
        ("GET /v1/projects/p/services/container.googleapis.com", "serviceusage.services.get"),
        ("GET /v1/services/x/skus", "cloudbilling.services.skus.list"),
        ("GET /v3/projects/p/timeSeries", "monitoring.projects.timeSeries.list"),
    ],
)  # fmt: skip
def test_a_request_line_finds_its_method(line, method):
    found = discovery().match(*line.split(" "))
    assert found is not None
    assert found[0].id == method


@pytest.mark.parametrize(
    "line", ["GET /nothing", "DELETE /compute/v1/projects/p", "GET /compute/v1/projects//global/networks"]
)
def test_what_is_no_route_finds_nothing(line):
    assert discovery().match(*line.split(" ")) is None


def test_query_parameters_are_checked():
    method, _ = discovery().match("GET", "/compute/v1/projects/p/global/networks")
    discovery().check_query(method, {"maxResults": "5", "alt": "json", "$alt": "json;enum-encoding=int"})
    for query in ({"maxResults": "many"}, {"maxResults": "-1"}, {"colour": "blue"}):
        with pytest.raises(GoogleError):
            discovery().check_query(method, query)


READS = """
compute/v1/projects/P
compute/v1/projects/P/global/networks
compute/v1/projects/P/global/networks/net
compute/v1/projects/P/global/firewalls
compute/v1/projects/P/global/routes
compute/v1/projects/P/global/operations
compute/v1/projects/P/aggregated/operations
compute/v1/projects/P/aggregated/subnetworks
compute/v1/projects/P/aggregated/routers
compute/v1/projects/P/aggregated/addresses
compute/v1/projects/P/aggregated/instances
compute/v1/projects/P/aggregated/disks
compute/v1/projects/P/aggregated/instanceGroups
compute/v1/projects/P/aggregated/instanceGroupManagers
compute/v1/projects/P/aggregated/networkEndpointGroups
compute/v1/projects/P/aggregated/forwardingRules
compute/v1/projects/P/aggregated/targetPools
compute/v1/projects/P/aggregated/machineTypes
compute/v1/projects/P/aggregated/diskTypes
compute/v1/projects/P/aggregated/acceleratorTypes
compute/v1/projects/P/regions
compute/v1/projects/P/zones
compute/v1/projects/P/regions/europe-west1/subnetworks/sub
compute/v1/projects/P/regions/europe-west1/routers/r/getRouterStatus
compute/v1/projects/P/zones/europe-west1-b/instanceGroups
v1/projects/P/locations/-/clusters
v1/projects/P/locations/-/operations
v1/projects/P/locations/europe-west1-b/clusters/one
v1/projects/P/locations/europe-west1-b/clusters/one/nodePools/main
v1/projects/P/locations/europe-west1-b/clusters/one:fetchClusterUpgradeInfo
v1/projects/P/aggregated/usableSubnetworks
v1/projects/P/locations/europe-west1/serverConfig
v1/projects/P/services
v1/projects/P/serviceAccounts
v1/projects/P
v3/projects/P
v1/services
v1/services/6F81-5844-456A/skus
v3/projects/P/timeSeries?filter=metric.type%3D%22compute.googleapis.com/instance/cpu/utilization%22&interval.endTime=2030-01-01T00:00:00Z
""".split()


def test_every_answer_fits_the_documents(clustered, sandbox):
    nat = {
        "name": "nat",
        "natIpAllocateOption": "AUTO_ONLY",
        "sourceSubnetworkIpRangesToNat": "ALL_SUBNETWORKS_ALL_IP_RANGES",
    }
    where = {"project": clustered.project, "region": clustered.region}
    body = {"name": "r", "network": "global/networks/net", "nats": [nat]}
    clustered.compute.routers().insert(**where, body=body).execute()
    clustered.compute.addresses().insert(**where, body={"name": "a"}).execute()
    sandbox.act("leave_leftovers", cluster="one")
    token = clustered.compute._http.credentials.token
    for line in READS:
        path = "/" + line.replace("/P", f"/{clustered.project}")
        request = urllib.request.Request(sandbox.gcp["endpoint"] + path, headers={"authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=20) as reply:
            answer = json.loads(reply.read())
        found = discovery().match("GET", path.partition("?")[0])
        assert found is not None, path
        assert discovery().response_problems(found[0], answer) == [], path
        assert "compute://" not in json.dumps(answer), path
