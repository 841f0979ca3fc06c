"""Names and ids: what they hold, how they are compared, and that the SDKs know the same paths and versions."""

import importlib.util
import re
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from skyclust.contract.resources import Mark
from skyclust.providers.azure.apis import Places
from skyclust.providers.azure.drivers import all_drivers
from skyclust.providers.azure.drivers.arm import ArmDriver
from skyclust.providers.azure.naming import (
    POOL_NAME,
    group_name,
    group_of,
    is_kind,
    is_node_group,
    kind_of,
    node_group_name,
    parent_of,
    pool_name,
    resource_id,
    subnet_name,
    subnet_owner,
)
from skyclust.providers.azure.sessions import api_version, operation_of

AKS_KIND = "Microsoft.ContainerService/managedClusters"
AKS = f"/subscriptions/s/resourceGroups/g/providers/{AKS_KIND}"
NETWORK = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v"


def test_a_subnet_s_name_holds_the_whole_mark():
    for _ in range(50):
        mark = Mark(uuid4(), uuid4(), 1, "shop")
        name = subnet_name("my.own-subnet", mark)
        assert name.startswith("my.own-subnet-sk")
        assert subnet_owner(name) == subnet_owner(name.upper()) == mark.resource_id
    assert len(subnet_name("s" * 50, Mark(UUID(int=2**128 - 1), uuid4(), 1, "x"))) <= 80


@pytest.mark.parametrize("name", ["nodes", "default", "GatewaySubnet", "x-sk", f"x-sk{'a' * 25}", f"x-sk{'1' * 26}"])
def test_other_subnets_are_nobody_s(name):
    assert subnet_owner(name) is None


@pytest.mark.parametrize("name", ["default", "web-workers", "Web", "1st", "a" * 13, "a" * 63, "---", "gpu_pool"])
def test_every_pool_gets_a_name_that_aks_takes(name):
    assert POOL_NAME.fullmatch(pool_name(name))
    assert pool_name(name) == pool_name(name)


def test_names_that_aks_takes_stay_and_others_stay_apart():
    assert pool_name("default") == "default"
    names = ["web-1", "web-2", "web1", "WEB-1", "web-workers-a", "web-workers-b"]
    assert len({pool_name(name) for name in names}) == len(names)


def test_groups_of_long_names_stay_within_the_limit_and_apart():
    first, second = (group_name("cluster", "germanywestcentral", f"{'x' * 70}{end}") for end in "ab")
    assert first != second
    assert len(node_group_name(first)) <= 80
    assert is_node_group(node_group_name(first).upper())
    assert not is_node_group(group_name("network", "koreacentral", "for-nodes"))


def test_an_id_tells_what_it_is():
    subnet = resource_id("s", "g", "Microsoft.Network/virtualNetworks/subnets", "v", "a")
    assert subnet == f"{NETWORK}/subnets/a"
    assert is_kind(subnet.lower(), "Microsoft.Network/virtualNetworks/subnets")
    assert not is_kind(subnet, "Microsoft.Network/virtualNetworks")
    assert parent_of(subnet) == NETWORK
    assert group_of(NETWORK.replace("resourceGroups", "resourcegroups")) == "g"
    assert kind_of("/subscriptions/s/resourceGroups/g") == "Microsoft.Resources/subscriptions/resourceGroups"


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("GET", "/subscriptions/s", "Microsoft.Resources/subscriptions/read"),
        ("PUT", "/subscriptions/s/resourcegroups/g", "Microsoft.Resources/subscriptions/resourceGroups/write"),
        ("PUT", f"{NETWORK}/subnets/a", "Microsoft.Network/virtualNetworks/subnets/write"),
        ("DELETE", NETWORK, "Microsoft.Network/virtualNetworks/delete"),
        ("POST", f"{AKS}/c/listClusterUserCredential", f"{AKS_KIND}/listClusterUserCredential/action"),
    ],
)  # fmt: skip
def test_a_call_is_named_by_the_right_that_it_takes(method, path, operation):
    assert operation_of(method, path) == operation


def test_azure_is_where_the_machine_says():
    assert Places.of({}).arm == "https://management.azure.com"
    told = Places.of({"SKYCLUST_AZURE_ENDPOINT": "https://here/", "SKYCLUST_AZURE_CA_FILE": "/ca.pem"})
    assert (told.arm, told.ca_file) == ("https://here", "/ca.pem")
    assert told.arm_scope == "https://management.azure.com/.default"


def paths_of(package: str) -> dict[str, str]:
    """Versions by path, in lower case and without names, as the generated clients build their requests."""
    source = Path(importlib.util.find_spec(package).origin).parent / "operations" / "_operations.py"
    text = source.read_text()
    builders = re.findall(r"^def build_\w+_request\(.*?(?=^def |^class )", text, re.MULTILINE | re.DOTALL)
    found = {}
    for builder in builders:
        version = re.search(r'_params\.pop\("api-version", "([\d-]+)"\)', builder)
        path = re.search(r'_url = (\(?\s*(?:"[^"]+"\s*)+)', builder)
        if version and path:
            whole = "".join(re.findall(r'"([^"]+)"', path[1]))
            found[re.sub(r"\{\w+\}", "*", whole).lower()] = version[1]
    return found


KINDS = [driver.type for driver in all_drivers().values() if hasattr(driver, "type")]
PACKAGES = {
    "microsoft.network": "azure.mgmt.network",
    "microsoft.containerservice": "azure.mgmt.containerservice",
    "microsoft.resources": "azure.mgmt.resource.resources",
    "microsoft.compute": "azure.mgmt.compute",
}
LISTS = [
    "/subscriptions/*/providers/Microsoft.Compute/skus",
    "/subscriptions/*/providers/Microsoft.Compute/locations/*/usages",
    "/subscriptions/*/providers/Microsoft.Compute/disks",
    "/subscriptions/*/providers/Microsoft.ContainerService/locations/*/kubernetesVersions",
    "/subscriptions/*/providers/Microsoft.ContainerService/managedClusters",
    "/subscriptions/*/providers/Microsoft.Network/networkInterfaces",
    "/subscriptions/*/providers/Microsoft.Network/loadBalancers",
    "/subscriptions/*/resourceGroups/*/resources",
    "/subscriptions/*/resourcegroups",
]


def test_the_sdks_know_every_path_and_version():
    """The generated clients are not used (see sdk.py), but they are what says where things are."""
    known = {name: paths_of(package) for name, package in PACKAGES.items()}
    assert all(len(paths) > 15 for paths in known.values()), "the clients are built in another way now"
    assert len(KINDS) > 7
    wanted = [*LISTS, *(resource_id("*", "*", kind, *("*" for _ in kind.split("/")[1:])) for kind in KINDS[1:])]
    for path in wanted:
        provider = kind_of(path).partition("/")[0].lower()
        assert known[provider].get(path.lower()) == api_version(path), path


def test_every_kind_but_sweeps_lives_in_resource_manager():
    kinds = [driver for driver in all_drivers().values() if driver.creates]
    otherwise = {driver.kind.rpartition(".")[2] for driver in kinds if not isinstance(driver, ArmDriver)}
    assert otherwise == {"node_pool", "peering"}  # the one scales as well, the other has two sides
