"""Resource groups, tags, the list of all resources, and the manners of Resource Manager."""

import pytest


def test_groups_are_found_without_regard_to_case_and_listed_by_tag(azure, refused):
    azure.make_group("Other", team="a")
    assert azure.run(azure.arm.resource_groups.get("oTHER")).name == "Other"
    listed = azure.all(azure.arm.resource_groups.list(filter="tagName eq 'team' and tagValue eq 'a'"))
    assert [row.name for row in listed] == ["Other"]
    assert azure.run(azure.arm.resource_groups.check_existence("nowhere")) is False
    with refused() as it:
        azure.run(azure.arm.resource_groups.get("nowhere"))
    assert (it.status, it.code) == (404, "ResourceGroupNotFound")


def test_lists_page_to_the_end(azure):
    names = {f"group-{number:02}" for number in range(30)}
    for name in names:
        azure.make_group(name)
    assert {row.name for row in azure.all(azure.arm.resource_groups.list())} == {*names, "rg"}
    assert "nextLink" in azure.get("resourcegroups")
    assert len(azure.get("resourcegroups?$top=7")["value"]) == 7


def test_tags_merge_replace_and_are_found_in_the_list_of_resources(networked):
    network = networked.run(networked.network.virtual_networks.get("rg", "net"))
    tags = networked.arm.tags
    body = {"operation": "Merge", "properties": {"tags": {"owner": "skyclust"}}}
    networked.run(tags.begin_update_at_scope(network.id, body, polling=False))
    found = networked.all(networked.arm.resources.list(filter="tagName eq 'OWNER' and tagValue eq 'skyclust'"))
    assert [row.id for row in found] == [network.id]
    found = networked.all(networked.arm.resources.list(filter="resourceType eq 'Microsoft.Network/virtualNetworks'"))
    assert [row.name for row in found] == ["net"]
    networked.run(networked.network.virtual_networks.update_tags("rg", "net", {"tags": {"b": "c"}}))
    assert networked.run(tags.get_at_scope(network.id)).properties.tags == {"b": "c"}


def test_requests_without_an_api_version_and_unknown_things_are_refused(azure):
    token = azure.run(azure.login.get_token("https://management.azure.com/.default")).token
    here = f"/subscriptions/{azure.told['subscription_id']}"
    version = "?api-version=2026-03-01"
    for path, status, code in (
        (here, 400, "MissingApiVersionParameter"),
        (f"/subscriptions/0000{version}", 404, "SubscriptionNotFound"),
        (f"{here}/resourceGroups/rg/providers/Microsoft.Network/dreams/one{version}", 404, "InvalidResourceType"),
        (
            f"{here}/resourceGroups/no/providers/Microsoft.Network/virtualNetworks{version}",
            404,
            "ResourceGroupNotFound",
        ),
    ):
        seen, document = azure.ask(path, token)
        assert (seen, document["error"]["code"]) == (status, code)
    seen, document = azure.ask(f"{here}/resourceGroups{version}", token, method="DELETE")
    assert (seen, document["error"]["code"]) == (405, "MethodNotAllowed")


def test_a_deleted_group_takes_all_along_and_takes_nothing_new_meanwhile(clustered, refused):
    poller = clustered.begin(clustered.arm.resource_groups.begin_delete, "rg")
    with refused() as it:
        clustered.make_network()
    assert (it.status, it.code) == (409, "ResourceGroupBeingDeleted")
    clustered.pass_time(1200)
    clustered.run(poller.result())
    assert clustered.resources() == []


def test_an_unregistered_provider_makes_nothing(azure, refused):
    azure.run(azure.arm.providers.unregister("Microsoft.Network"))
    with refused() as it:
        azure.make_network()
    assert (it.status, it.code) == (409, "MissingSubscriptionRegistration")
    assert azure.run(azure.arm.providers.register("Microsoft.Network")).registration_state == "Registered"
    azure.make_network()


@pytest.mark.parametrize(
    "tags",
    [
        {f"t{number}": "x" for number in range(51)},
        {"a" * 513: "x"},
        {"a": "x" * 257},
        {"a<b": "x"},
        {"a": "1", "A": "2"},
    ],
)
def test_tags_have_limits(azure, refused, tags):
    with refused() as it:
        azure.run(azure.arm.resource_groups.create_or_update("rg", {"location": "westeurope", "tags": tags}))
    assert it.status == 400


def test_a_locked_group_keeps_itself_and_what_is_inside(networked, refused):
    networked.act("lock_resource", id="rg")
    network = networked.network
    for delete, given in (
        (networked.arm.resource_groups.begin_delete, ("rg",)),
        (network.virtual_networks.begin_delete, ("rg", "net")),
        (network.subnets.begin_delete, ("rg", "net", "sub")),
    ):
        with refused() as it:
            networked.done(delete, *given)
        assert (it.status, it.code) == (409, "ScopeLocked")
    networked.act("lock_resource", id="rg", lift=True)
    networked.done(networked.arm.resource_groups.begin_delete, "rg", seconds=600)
    assert networked.resources() == []


def test_a_policy_forbids_what_it_names(azure, refused):
    azure.act("set_policy", types=["Microsoft.Network/publicIPAddresses"])
    create = azure.network.public_ip_addresses.begin_create_or_update
    with refused() as it:
        azure.done(create, "rg", "ip", {"location": "westeurope"})
    assert (it.status, it.code) == (403, "RequestDisallowedByPolicy")
    azure.make_network()
    azure.act("set_policy", types=[])
    azure.done(create, "rg", "ip", {"location": "westeurope"})
