"""AKS clusters through Azure's own package: what they bring, what is refused, how they change and go."""

import urllib.error

import pytest

from skyclust.sandbox.azure.identities import AKS_SERVER


def test_a_cluster_brings_its_node_group_machines_and_nodes(azure):
    poller = azure.begin(azure.aks.managed_clusters.begin_create_or_update, "rg", "one", azure.cluster_body())
    begun = azure.run(azure.aks.managed_clusters.get("rg", "one"))
    assert begun.properties.provisioning_state == "Creating"
    azure.pass_time(600)
    cluster = azure.run(poller.result())
    properties = cluster.properties
    assert (properties.provisioning_state, properties.power_state.code) == ("Succeeded", "Running")
    assert properties.current_kubernetes_version.startswith(properties.kubernetes_version)
    assert properties.node_resource_group == "MC_rg_one_westeurope"
    inside = [row["kind"] for row in azure.resources() if "/mc_rg_one_westeurope/" in row["id"].lower()]
    expected = [
        "network",
        "subnet",
        "security_group",
        "public_ip",
        "load_balancer",
        "scale_set",
        "scale_set_machine",
        "identity",
    ]
    assert set(inside) == set(expected)
    nodes = azure.nodes()
    assert len(nodes) == 2
    assert {node["metadata"]["labels"]["kubernetes.azure.com/mode"] for node in nodes} == {"system"}
    assert all("/virtualMachineScaleSets/aks-main-" in node["spec"]["providerID"] for node in nodes)


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"kubernetesVersion": "1.12.3"}, "K8sVersionNotSupported"),
        ({"dnsPrefix": "-no"}, "InvalidParameter"),
        ({"agentPoolProfiles": []}, "InvalidParameter"),
        ({"supportPlan": "AKSLongTermSupport"}, "InvalidParameter"),
        ({"disableLocalAccounts": True}, "BadRequest"),
        ({"networkProfile": {"networkPlugin": "kubenet", "networkPolicy": "azure"}}, "InvalidParameter"),
        (
            {"networkProfile": {"serviceCidr": "10.0.0.0/16", "dnsServiceIP": "10.1.0.10"}},
            "DnsServiceIpOutOfServiceCidr",
        ),
        (
            {"apiServerAccessProfile": {"enablePrivateCluster": True, "authorizedIPRanges": ["1.2.3.0/24"]}},
            "InvalidParameter",
        ),
        ({"securityProfile": {"workloadIdentity": {"enabled": True}}}, "InvalidParameter"),
        ({"unheardOf": 1}, "InvalidRequestContent"),
        ({"enableRBAC": "yes"}, "InvalidRequestContent"),
    ],
)
def test_a_wrong_cluster_is_refused_before_anything_exists(azure, refused, properties, code):
    with refused() as it:
        azure.make_cluster(body=azure.cluster_body(**properties))
    assert (it.status, it.code) == (400, code)
    assert azure.resources("cluster") == []


@pytest.mark.parametrize(
    ("pool", "code"),
    [
        ({"vmSize": "Standard_D2s_v99"}, "BadRequest"),
        ({"name": "Upper"}, "InvalidParameter"),
        ({"name": "muchtoolonganame"}, "InvalidParameter"),
        ({"count": 0}, "InvalidParameter"),
        ({"mode": "User"}, "InvalidParameter"),
        ({"scaleSetPriority": "Spot"}, "InvalidParameter"),
        ({"availabilityZones": ["4"]}, "AvailabilityZoneNotSupported"),
        ({"enableAutoScaling": True}, "InvalidParameter"),
        ({"minCount": 1, "maxCount": 3}, "InvalidParameter"),
        ({"nodeTaints": ["key"]}, "InvalidParameter"),
        ({"count": 500}, "ErrCode_InsufficientVCPUQuota"),
        (
            {
                "vnetSubnetID": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/s"
            },
            "SubnetNotFound",
        ),
    ],
)
def test_a_wrong_node_pool_is_refused(azure, refused, pool, code):
    with refused() as it:
        azure.make_cluster(body=azure.cluster_body(azure.system_pool(**pool)))
    assert (it.status, it.code) == (400, code)


def test_subnets_must_have_room_and_leave_the_service_range_alone(networked, refused):
    small = networked.make_subnet("small", "10.0.32.0/27")
    apart = {"networkPlugin": "azure", "serviceCidr": "172.16.0.0/16"}
    for properties, code in (
        ({"networkProfile": {"networkPlugin": "azure"}}, "ServiceCidrOverlapExistingSubnetsCidr"),
        ({"networkProfile": apart}, "InsufficientSubnetSize"),
        ({"networkProfile": {**apart, "outboundType": "userAssignedNATGateway"}}, "SubnetWithoutNatGateway"),
        ({"networkProfile": {**apart, "outboundType": "managedNATGateway"}}, "InvalidParameter"),
    ):
        with refused() as it:
            networked.make_cluster(
                body=networked.cluster_body(networked.system_pool(vnetSubnetID=small.id), **properties)
            )
        assert it.code == code


def test_a_cluster_holds_its_subnet_until_it_is_gone(networked, refused):
    subnet = networked.run(networked.network.subnets.get("rg", "net", "sub"))
    overlay = {"networkPlugin": "azure", "networkPluginMode": "overlay", "serviceCidr": "172.16.0.0/16"}
    networked.make_cluster(
        body=networked.cluster_body(networked.system_pool(vnetSubnetID=subnet.id), networkProfile=overlay)
    )
    delete = networked.network.subnets.begin_delete
    with refused() as it:
        networked.done(delete, "rg", "net", "sub")
    assert it.code == "InUseSubnetCannotBeDeleted"
    networked.done(networked.aks.managed_clusters.begin_delete, "rg", "one", seconds=1200)
    networked.done(delete, "rg", "net", "sub")
    assert {row["kind"] for row in networked.resources()} == {"resource_group", "network"}


def test_versions_go_up_one_minor_at_a_time_and_nodes_follow(clustered, refused):
    upgrades = clustered.run(clustered.aks.managed_clusters.get_upgrade_profile("rg", "one"))
    offered = [row.kubernetes_version for row in upgrades.properties.control_plane_profile.upgrades]
    assert offered
    assert all(version.startswith("1.35.") for version in offered)
    for wrong in ("1.33", "1.36"):
        with refused() as it:
            clustered.make_cluster(body=clustered.cluster_body(kubernetesVersion=wrong))
        assert it.code in ("OperationNotAllowed", "K8sVersionNotSupported")
    with refused() as it:
        clustered.make_pool(orchestratorVersion="1.35")
    assert it.code == "NodePoolMcVersionIncompatible"
    before = {node["metadata"]["name"] for node in clustered.nodes()}
    cluster = clustered.make_cluster(body=clustered.cluster_body(kubernetesVersion="1.35"))
    assert cluster.properties.current_kubernetes_version == offered[-1]
    assert {node["metadata"]["name"] for node in clustered.nodes()} == before
    body = {"properties": {**clustered.system_pool(), "orchestratorVersion": "1.35"}}
    body["properties"].pop("name")
    pool = clustered.done(clustered.aks.agent_pools.begin_create_or_update, "rg", "one", "main", body, seconds=900)
    assert pool.properties.current_orchestrator_version == offered[-1]
    after = clustered.nodes()
    assert {node["metadata"]["name"] for node in after}.isdisjoint(before)
    assert {node["status"]["nodeInfo"]["kubeletVersion"].lstrip("v") for node in after} == {offered[-1]}


def test_what_cannot_change_is_refused_and_a_running_operation_blocks(clustered, refused):
    with refused() as it:
        clustered.make_cluster(body=clustered.cluster_body(dnsPrefix="other"))
    assert it.code == "PropertyChangeNotAllowed"
    with refused() as it:
        clustered.make_cluster(body=clustered.cluster_body(clustered.system_pool(vmSize="Standard_D4s_v5")))
    assert it.code == "PropertyChangeNotAllowed"
    clustered.begin(clustered.aks.managed_clusters.begin_create_or_update, "rg", "one", clustered.cluster_body())
    with refused() as it:
        clustered.make_pool()
    assert (it.status, it.code) == (409, "OperationNotAllowed")


def test_a_stopped_cluster_has_no_machines_until_it_starts(clustered):
    clustered.done(clustered.aks.managed_clusters.begin_stop, "rg", "one", seconds=600)
    cluster = clustered.run(clustered.aks.managed_clusters.get("rg", "one"))
    assert cluster.properties.power_state.code == "Stopped"
    assert clustered.resources("scale_set_machine") == []
    with pytest.raises(urllib.error.HTTPError) as closed:
        clustered.nodes()
    closed.value.close()
    clustered.done(clustered.aks.managed_clusters.begin_start, "rg", "one", seconds=600)
    assert len(clustered.nodes()) == 2


def test_entra_tokens_open_a_cluster_that_takes_them_and_local_ones_end(clustered, refused):
    local = clustered.kubeconfig(admin=True)["users"][0]["user"]["token"]
    body = clustered.cluster_body(aadProfile={"managed": True, "enableAzureRBAC": True}, disableLocalAccounts=True)
    clustered.make_cluster(body=body)
    user = clustered.kubeconfig()["users"][0]["user"]
    assert user["exec"]["command"] == "kubelogin"
    with refused() as it:
        clustered.kubeconfig(admin=True)
    assert it.code == "BadRequest"
    with pytest.raises(urllib.error.HTTPError) as closed:
        clustered.nodes(local)
    with closed.value:
        assert closed.value.code == 401
    token = clustered.run(clustered.login.get_token(f"{AKS_SERVER}/.default")).token
    assert len(clustered.nodes(token)) == 2


def test_maintenance_windows_are_kept(clustered):
    windows = clustered.aks.maintenance_configurations
    body = {"properties": {"timeInWeek": [{"day": "Sunday", "hourSlots": [1, 2]}]}}
    clustered.run(windows.create_or_update("rg", "one", "default", body))
    listed = clustered.all(windows.list_by_managed_cluster("rg", "one"))
    assert [row.properties.time_in_week[0].hour_slots for row in listed] == [[1, 2]]
    clustered.run(windows.delete("rg", "one", "default"))
    assert clustered.all(windows.list_by_managed_cluster("rg", "one")) == []


def test_what_was_read_can_be_put_back_and_changes_nothing(clustered):
    """As clients do that read, change one field and put: nothing else may change by it."""
    clusters, network = clustered.aks.managed_clusters, clustered.network
    group = "MC_rg_one_westeurope"
    before = clustered.run(clusters.get("rg", "one"))
    again = clustered.done(clusters.begin_create_or_update, "rg", "one", before, seconds=600)
    assert comparable(again) == comparable(before)
    pool = clustered.run(clustered.aks.agent_pools.get("rg", "one", "main"))
    again = clustered.done(clustered.aks.agent_pools.begin_create_or_update, "rg", "one", "main", pool, seconds=600)
    assert comparable(again) == comparable(pool)
    for operations in (
        network.virtual_networks,
        network.network_security_groups,
        network.public_ip_addresses,
        network.load_balancers,
    ):
        for resource in clustered.all(operations.list(group)):
            again = clustered.done(operations.begin_create_or_update, group, resource.name, resource)
            assert comparable(again) == comparable(resource)
    assert len(clustered.nodes()) == 2


def comparable(value):
    """Without etags, which every change renews."""
    if hasattr(value, "as_dict"):
        value = value.as_dict()
    if isinstance(value, dict):
        return {key: comparable(item) for key, item in value.items() if key.lower() != "etag"}
    return [comparable(item) for item in value] if isinstance(value, list) else value


def test_a_locked_node_group_is_not_for_others(azure, refused):
    locked = {"restrictionLevel": "ReadOnly"}
    azure.make_cluster(body=azure.cluster_body(nodeResourceGroupProfile=locked))
    balancers = azure.network.load_balancers
    with refused() as it:
        azure.done(balancers.begin_delete, "MC_rg_one_westeurope", "kubernetes")
    assert (it.status, it.code) == (403, "DenyAssignmentAuthorizationFailed")
    azure.done(azure.aks.managed_clusters.begin_delete, "rg", "one", seconds=1200)
    assert [row["kind"] for row in azure.resources()] == ["resource_group"]


def test_nodes_of_a_scale_set_that_somebody_deleted_are_gone(clustered):
    scale_set = clustered.resources("scale_set")[0]
    clustered.done(clustered.compute.virtual_machine_scale_sets.begin_delete, "MC_rg_one_westeurope", scale_set["name"])
    assert clustered.nodes() == []
    assert clustered.run(clustered.aks.agent_pools.get("rg", "one", "main")).properties.count == 2


def test_tags_come_by_an_operation_to_all_that_aks_made(clustered, refused):
    poller = clustered.begin(clustered.aks.managed_clusters.begin_update_tags, "rg", "one", {"tags": {"team": "a"}})
    with refused() as it:
        clustered.make_pool()
    assert (it.status, it.code) == (409, "OperationNotAllowed")
    clustered.pass_time(90)
    assert clustered.run(poller.result()).tags == {"team": "a"}
    assert clustered.resources("scale_set")[0]["tags"]["team"] == "a"
