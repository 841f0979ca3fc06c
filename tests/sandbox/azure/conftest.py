"""The session's sandbox process and Azure's own aio packages over TLS; cloud time moves by the control API."""

import asyncio
import contextlib
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.identity.aio import ClientSecretCredential
from azure.mgmt.compute.aio import ComputeManagementClient
from azure.mgmt.containerservice.aio import ContainerServiceClient
from azure.mgmt.core.polling.async_arm_polling import AsyncARMPolling
from azure.mgmt.network.aio import NetworkManagementClient
from azure.mgmt.resource.resources.aio import ResourceManagementClient

from cloud_sandboxes import CloudSandbox

SCOPES = ["https://management.azure.com/.default"]
CLIENTS = {
    "network": NetworkManagementClient,
    "aks": ContainerServiceClient,
    "compute": ComputeManagementClient,
    "arm": ResourceManagementClient,
}


class AtOnce(AsyncARMPolling):
    """Azure's own polling without its pauses."""

    def _extract_delay(self) -> float:
        return 0


class Azure(CloudSandbox):
    """Short words for long calls. Every request is sent once: nothing here may hide a failure by repeating it."""

    cloud, region, group = "azure", "westeurope", "rg"

    def __init__(self, process: Any) -> None:
        super().__init__(process)
        self.told = self.ready["azure"]
        self.runner = asyncio.Runner()
        self.clients: dict[str, Any] = {}
        self.login = self.credential()

    def credential(self, secret: str = "", **more: Any) -> ClientSecretCredential:
        return ClientSecretCredential(
            self.told["tenant_id"],
            self.told["client_id"],
            secret or self.told["client_secret"],
            authority=self.told["authority"],
            disable_instance_discovery=True,
            connection_verify=self.told["ca_file"],
            retry_total=0,
            **more,
        )

    def __getattr__(self, name: str) -> Any:
        if name not in CLIENTS:
            raise AttributeError(name)
        if name not in self.clients:
            self.clients[name] = CLIENTS[name](
                self.login,
                self.told["subscription_id"],
                base_url=self.told["endpoint"],
                credential_scopes=SCOPES,
                connection_verify=self.told["ca_file"],
                retry_total=0,
            )
        return self.clients[name]

    def run(self, awaitable: Any) -> Any:
        async def wait() -> Any:
            return await awaitable

        return self.runner.run(wait())

    def all(self, pages: Any) -> list[Any]:
        async def collect() -> list[Any]:
            return [row async for row in pages]

        return self.runner.run(collect())

    def begin(self, method: Any, *given: Any) -> Any:
        """A long operation's poller, which never pauses between its questions."""
        return self.run(method(*given, polling=AtOnce()))

    def done(self, method: Any, *given: Any, seconds: float = 60) -> Any:
        """What a long operation leads to after `seconds` of cloud time."""
        poller = self.begin(method, *given)
        self.pass_time(seconds)
        return self.run(poller.result())

    def fault(self, **rule: Any) -> None:
        self.control("POST", "faults", {"provider": "azure", **rule})

    def ask(self, path: str, token: str, method: str = "GET", body: Any = None) -> tuple[int, Any]:
        """One plain request to Resource Manager: status and document."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.told['endpoint']}{path}", data=data, method=method)
        if token:
            request.add_header("authorization", f"Bearer {token}")
        trust = ssl.create_default_context(cafile=self.told["ca_file"])
        try:
            with urllib.request.urlopen(request, context=trust, timeout=20) as reply:
                status, raw = reply.status, reply.read()
        except urllib.error.HTTPError as refusal:
            with refusal:
                status, raw = refusal.code, refusal.read()
        return status, json.loads(raw) if raw else None

    def heads(self, path: str, token: str) -> dict[str, str]:
        """The status and headers of a refusal."""
        request = urllib.request.Request(f"{self.told['endpoint']}{path}", headers={"authorization": f"Bearer {token}"})
        trust = ssl.create_default_context(cafile=self.told["ca_file"])
        with pytest.raises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(request, context=trust, timeout=20)
        with refusal.value:
            return {
                "status": str(refusal.value.code),
                **{name.lower(): text for name, text in refusal.value.headers.items()},
            }

    def open(self, token: str) -> tuple[int, str]:
        """The status and error code that a bearer of `token` gets."""
        status, document = self.ask("/subscriptions?api-version=2022-12-01", token)
        return status, document.get("error", {}).get("code", "")

    def get(self, below: str) -> Any:
        """What is at a path below the subscription."""
        token = self.run(self.login.get_token(*SCOPES)).token
        mark = "&" if "?" in below else "?"
        path = f"/subscriptions/{self.told['subscription_id']}/{below}{mark}api-version=2022-12-01"
        return self.ask(path, token)[1]

    def close(self) -> None:
        for client in self.clients.values():
            self.run(client.close())
        self.run(self.login.close())
        self.runner.close()

    # what most tests begin with

    def make_group(self, name: str = "rg", **tags: str) -> Any:
        return self.run(self.arm.resource_groups.create_or_update(name, {"location": self.region, "tags": tags}))

    def make_network(self, name: str = "net", prefix: str = "10.0.0.0/16", **more: Any) -> Any:
        body = {"location": self.region, "properties": {"addressSpace": {"addressPrefixes": [prefix]}, **more}}
        return self.done(self.network.virtual_networks.begin_create_or_update, self.group, name, body)

    def make_subnet(self, name: str = "sub", prefix: str = "10.0.0.0/20", network: str = "net", **more: Any) -> Any:
        body = {"properties": {"addressPrefix": prefix, **more}}
        return self.done(self.network.subnets.begin_create_or_update, self.group, network, name, body)

    def system_pool(self, **changes: Any) -> dict[str, Any]:
        return {"name": "main", "count": 2, "vmSize": "Standard_D2s_v5", "mode": "System", **changes}

    def cluster_body(self, *pools: dict[str, Any], **properties: Any) -> dict[str, Any]:
        profiles = [*pools] or [self.system_pool()]
        return {
            "location": self.region,
            "identity": {"type": "SystemAssigned"},
            "properties": {"dnsPrefix": "one", "agentPoolProfiles": profiles, **properties},
        }

    def make_cluster(self, name: str = "one", body: dict[str, Any] | None = None) -> Any:
        clusters = self.aks.managed_clusters
        return self.done(clusters.begin_create_or_update, self.group, name, body or self.cluster_body(), seconds=600)

    def make_pool(self, name: str = "more", **properties: Any) -> Any:
        body = {"properties": {"count": 1, "vmSize": "Standard_D4s_v5", **properties}}
        return self.done(self.aks.agent_pools.begin_create_or_update, self.group, "one", name, body, seconds=600)

    def kubeconfig(self, *, admin: bool = False) -> dict[str, Any]:
        clusters = self.aks.managed_clusters
        ask = clusters.list_cluster_admin_credentials if admin else clusters.list_cluster_user_credentials
        return json.loads(bytes(self.run(ask(self.group, "one")).kubeconfigs[0].value))

    def nodes(self, token: str = "") -> list[dict[str, Any]]:
        """The cluster's nodes as its Kubernetes API shows them, by its kubeconfig."""
        config = self.kubeconfig()
        server, user = config["clusters"][0]["cluster"]["server"], config["users"][0]["user"]
        bearer = token or user["token"]
        request = urllib.request.Request(f"{server}/api/v1/nodes", headers={"authorization": f"Bearer {bearer}"})
        trust = ssl.create_default_context(cafile=self.told["ca_file"])
        with urllib.request.urlopen(request, context=trust, timeout=20) as reply:
            return json.load(reply)["items"]


class Refusal:
    status: int
    code: str
    message: str


@pytest.fixture
def refused():
    """`with refused() as it:` expects Azure's error and tells its parts afterwards."""

    @contextlib.contextmanager
    def expect() -> Iterator[Refusal]:
        told = Refusal()
        with pytest.raises(HttpResponseError) as caught:
            yield told
        told.status, told.message = caught.value.status_code, caught.value.message
        told.code = caught.value.error.code if caught.value.error else ""

    return expect


@pytest.fixture
def azure(sandbox_process) -> Iterator[Azure]:
    """An empty subscription with the resource group 'rg'."""
    sandbox_process.control("POST", "reset?provider=azure")
    made = Azure(sandbox_process)
    made.make_group()
    yield made
    made.close()


@pytest.fixture
def clustered(azure) -> Azure:
    """With a cluster 'one' that runs."""
    azure.make_cluster()
    return azure


@pytest.fixture
def networked(azure) -> Azure:
    """With a network 'net' and a subnet 'sub'."""
    azure.make_network()
    azure.make_subnet()
    return azure


@pytest.fixture
def own_azure() -> type[Azure]:
    """For tests with a process of their own."""
    return Azure
