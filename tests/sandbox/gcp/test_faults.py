"""Faults as a client meets them."""

import http.client

import pytest


def networks(cloud):
    return cloud.compute.networks().list(project=cloud.project)


def clusters(cloud):
    return cloud.clusters.list(parent=cloud.parent("-"))


@pytest.mark.parametrize(
    ("make", "expected"), [(networks, (403, "rateLimitExceeded")), (clusters, (429, "rateLimitExceeded"))]
)
def test_throttling_has_each_services_shape(cloud, sandbox, refused, make, expected):
    make(cloud).execute()  # the token is there: the fault meets the call, not the token's exchange
    sandbox.fault(mode="throttle", times=1, params={"retry_after": 3})
    with refused() as it:
        make(cloud).execute()
    assert (it.status, it.reason) == expected
    make(cloud).execute()


def test_an_error_before_applies_nothing_and_one_after_does(cloud, sandbox, refused):
    for mode, left in (("error_before", 0), ("error_after", 1)):
        sandbox.fault(operation="compute.networks.insert", mode=mode, times=1)
        with refused() as it:
            cloud.network()
        assert (it.status, it.body["status"]) == (503, "UNAVAILABLE")
        assert len(sandbox.resources("network")) == left


def test_a_lost_reply_leaves_the_resource_behind(cloud, sandbox):
    networks(cloud).execute()
    sandbox.fault(operation="compute.networks.insert", mode="lost_reply", times=2)
    with pytest.raises((OSError, http.client.HTTPException)):
        cloud.network()
    assert len(sandbox.resources("network")) == 1


def test_a_lost_request_leaves_nothing_behind(cloud, sandbox):
    networks(cloud).execute()
    sandbox.fault(operation="compute.networks.insert", mode="lost_request", times=2)
    with pytest.raises((OSError, http.client.HTTPException)):
        cloud.network()
    assert sandbox.resources("network") == []


def test_lag_hides_what_is_new_from_get_and_list(cloud, sandbox, refused):
    sandbox.fault(operation="compute.networks.*", mode="lag", params={"polls": 2})
    cloud.network()
    with refused() as it:
        cloud.compute.networks().get(project=cloud.project, network="net").execute()
    assert it.status == 404
    assert "items" not in networks(cloud).execute()
    assert networks(cloud).execute()["items"][0]["name"] == "net"


def test_lag_by_seconds_ends_by_itself(placed, sandbox, refused):
    sandbox.fault(mode="lag", params={"seconds": 100})
    placed.create(placed.spec())
    with refused() as it:
        placed.cluster()
    assert it.status == 404
    sandbox.pass_time(101)
    assert placed.cluster()["status"] == "PROVISIONING"


def test_a_quota_in_compute_is_told_by_the_operation(cloud, sandbox):
    sandbox.fault(operation="compute.networks.insert", mode="quota", times=1)
    operation = cloud.network()
    done = cloud.compute.globalOperations().get(project=cloud.project, operation=operation["name"]).execute()
    assert done["error"]["errors"][0] == {"code": "QUOTA_EXCEEDED", "message": "Quota 'NETWORKS' exceeded."}
    assert sandbox.resources("network") == []


def test_calls_are_logged_with_operation_status_and_target(placed, sandbox):
    clusters(placed).execute()
    calls = sandbox.control("GET", "calls?provider=gcp")["calls"]
    assert calls[-1]["operation"] == "container.projects.locations.clusters.list"
    assert calls[-1]["status"] == 200
    assert any(call["resource_id"].endswith("/networks/net") for call in calls)
