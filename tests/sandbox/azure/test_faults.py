"""Faults as a client meets them."""

import pytest
from azure.core.exceptions import AzureError


def networks(azure):
    return azure.all(azure.network.virtual_networks.list("rg"))


def test_throttling_says_when_to_come_back(azure):
    azure.fault(mode="throttle", times=1, params={"retry_after": 3})
    token = azure.run(azure.login.get_token("https://management.azure.com/.default")).token
    seen = azure.heads("/subscriptions?api-version=2022-12-01", token)
    assert seen["status"] == "429"
    assert seen["retry-after"] == "3"
    assert seen["x-ms-ratelimit-remaining-subscription-reads"] == "0"
    assert azure.open(token)[0] == 200


def test_an_error_before_applies_nothing_and_one_after_does(azure, refused):
    for mode, left in (("error_before", 0), ("error_after", 1)):
        azure.fault(operation="virtualNetworks.create", mode=mode, times=1)
        with refused() as it:
            azure.make_network()
        assert (it.status, it.code) == (500, "InternalServerError")
        assert len(azure.resources("network")) == left


@pytest.mark.parametrize(("mode", "left"), [("lost_request", 0), ("lost_reply", 1)])
def test_a_cut_connection_leaves_what_was_applied(azure, mode, left):
    azure.fault(operation="Microsoft.Network/virtualNetworks/write", mode=mode, times=2)  # aiohttp asks a second time
    with pytest.raises(AzureError, match="disconnected"):
        azure.make_network()
    assert len(azure.resources("network")) == left


def test_lag_hides_what_is_new_from_get_and_list(azure, refused):
    azure.fault(operation="Microsoft.Network/virtualNetworks/read", mode="lag", params={"polls": 2})
    body = {"location": "westeurope", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}}
    azure.begin(azure.network.virtual_networks.begin_create_or_update, "rg", "net", body)
    with refused() as it:
        azure.run(azure.network.virtual_networks.get("rg", "net"))
    assert (it.status, it.code) == (404, "ResourceNotFound")
    assert networks(azure) == []
    assert [row.name for row in networks(azure)] == ["net"]


def test_a_quota_is_told_at_once(azure, refused):
    azure.fault(operation="*.create", mode="quota", times=1)
    with refused() as it:
        azure.make_network()
    assert it.code == "VirtualNetworkCountLimitReached"
    azure.act("set_quota", metric="VirtualNetworks", region="westeurope", limit=1)
    azure.make_network()
    with refused() as it:
        azure.make_network("other", "10.1.0.0/16")
    assert it.code == "VirtualNetworkCountLimitReached"


def test_a_revoked_credential_is_refused_by_every_call(azure, refused):
    networks(azure)
    azure.fault(mode="revoked")
    with refused() as it:
        networks(azure)
    assert (it.status, it.code) == (401, "InvalidAuthenticationToken")


def test_calls_are_logged_with_operation_status_and_target(azure):
    networks(azure)
    last = azure.called()[-1]
    assert (last["operation"], last["status"]) == ("Microsoft.Network/virtualNetworks/read", 200)
    assert last["resource_id"].endswith("/virtualNetworks")
