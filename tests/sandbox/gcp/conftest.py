"""A real sandbox process and real google-api-python-client objects; cloud time is moved by the control API, so nothing waits."""

import contextlib
import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path

import httplib2
import pytest
from google.oauth2 import service_account
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from cloud_sandboxes import OwnSandbox

SCOPES = ["https://www.googleapis.com/auth/cloud-platform"]
APIS = {"compute": "v1", "container": "v1", "iam": "v1", "cloudresourcemanager": "v1", "serviceusage": "v1", "monitoring": "v3",
        "cloudbilling": "v1"}  # fmt: skip


class Sandbox(OwnSandbox):
    cloud = "gcp"

    def start(self) -> None:
        super().start()
        self.apis: dict = {}
        self.made: list = []
        self.gcp = self.ready["gcp"]
        self.project = self.gcp["project"]

    def close(self) -> None:
        for made in self.made:
            made.close()
        super().close()

    def credentials(self, **changes):
        document = {**json.loads(Path(self.gcp["service_account_file"]).read_text()), **changes}
        return service_account.Credentials.from_service_account_info(document, scopes=SCOPES)

    def api(self, name: str, credentials=None):
        """The API's client; every request is sent once, as nothing here may hide a failure by repeating it."""
        if name in self.apis and credentials is None:
            return self.apis[name]
        http = AuthorizedHttp(credentials or self.credentials(), http=httplib2.Http(timeout=20), max_refresh_attempts=0)
        path = "/compute/v1/" if name == "compute" else "/"
        made = build(
            name,
            APIS[name],
            http=http,
            static_discovery=True,
            client_options={"api_endpoint": self.gcp["endpoint"] + path},
        )
        self.made.append(made)
        if credentials is None:
            self.apis[name] = made
        return made

    def open(self, token: str | None) -> int:
        """The status a bearer of `token` gets."""
        request = urllib.request.Request(f"{self.gcp['endpoint']}/compute/v1/projects/{self.project}/global/networks")
        if token:
            request.add_header("authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=20) as reply:
                return reply.status
        except urllib.error.HTTPError as error:
            with error:
                return error.code


class Cloud:
    """Short words for long calls, in one region."""

    region, zone = "europe-west1", "europe-west1-b"

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.project = sandbox.project
        self.compute, self.container = sandbox.api("compute"), sandbox.api("container")
        self.clusters = self.container.projects().locations().clusters()
        self.pools = self.clusters.nodePools()

    def network(self, name: str = "net", **more) -> dict:
        body = {"name": name, "autoCreateSubnetworks": False, **more}
        operation = (
            self.compute.networks().insert(project=self.project, body=body, requestId=str(uuid.uuid4())).execute()
        )
        self.sandbox.pass_time(60)
        return operation

    def subnetwork(self, name: str = "sub", cidr: str = "10.0.0.0/20", network: str = "net", **more) -> dict:
        body = {
            "name": name, "network": f"projects/{self.project}/global/networks/{network}", "ipCidrRange": cidr,
            "privateIpGoogleAccess": True,
            "secondaryIpRanges": [{"rangeName": "pods", "ipCidrRange": "10.4.0.0/14"},
                                  {"rangeName": "services", "ipCidrRange": "10.8.0.0/20"}], **more,
        }  # fmt: skip
        operation = self.compute.subnetworks().insert(project=self.project, region=self.region, body=body).execute()
        self.sandbox.pass_time(60)
        return operation

    def spec(self, name: str = "one", **changes) -> dict:
        return {
            "name": name,
            "network": f"projects/{self.project}/global/networks/net",
            "subnetwork": f"projects/{self.project}/regions/{self.region}/subnetworks/sub",
            "ipAllocationPolicy": {"useIpAliases": True, "clusterSecondaryRangeName": "pods", "servicesSecondaryRangeName": "services"},
            "nodePools": [{"name": "main", "initialNodeCount": 2, "config": {"machineType": "e2-standard-2"}}],
            "resourceLabels": {"skyclust-stack": "s1"},
            **changes,
        }  # fmt: skip

    def parent(self, location: str) -> str:
        return f"projects/{self.project}/locations/{location}"

    def create(self, cluster: dict, location: str | None = None) -> dict:
        return self.clusters.create(parent=self.parent(location or self.zone), body={"cluster": cluster}).execute()

    def name(self, cluster: str = "one", location: str | None = None) -> str:
        return f"{self.parent(location or self.zone)}/clusters/{cluster}"

    def cluster(self, cluster: str = "one", location: str | None = None) -> dict:
        return self.clusters.get(name=self.name(cluster, location)).execute()

    def operation(self, started: dict) -> dict:
        name = f"{self.parent(started['location'])}/operations/{started['name']}"
        return self.container.projects().locations().operations().get(name=name).execute()

    def settled(self, started: dict, seconds: float = 1200) -> dict:
        """The operation after enough cloud time."""
        self.sandbox.pass_time(seconds)
        return self.operation(started)


class Refusal:
    status: int
    reason: str
    message: str
    body: dict


@contextlib.contextmanager
def _refused() -> Iterator[Refusal]:
    told = Refusal()
    with pytest.raises(HttpError) as caught:
        yield told
    told.status = caught.value.resp.status
    told.body = json.loads(caught.value.content)["error"]
    told.message, told.reason = told.body["message"], told.body["errors"][0]["reason"]


@pytest.fixture
def refused():
    """`with refused() as it:` expects Google's error and tells its parts afterwards."""
    return _refused


@pytest.fixture(scope="session")
def running(tmp_path_factory) -> Iterator[Sandbox]:
    started = Sandbox(tmp_path_factory.mktemp("sandbox"))
    yield started
    started.close()


@pytest.fixture
def sandbox(running) -> Sandbox:
    """The session's process with an empty Google Cloud."""
    running.control("POST", "reset?provider=gcp")
    return running


@pytest.fixture
def cloud(sandbox) -> Cloud:
    return Cloud(sandbox)


@pytest.fixture
def placed(cloud) -> Cloud:
    """With a network 'net' and a subnetwork 'sub'."""
    cloud.network()
    cloud.subnetwork()
    return cloud


@pytest.fixture
def clustered(placed) -> Cloud:
    """With a zonal cluster 'one' that runs."""
    placed.settled(placed.create(placed.spec()))
    return placed


@pytest.fixture
def private_sandbox(tmp_path) -> Iterator[Sandbox]:
    """A process of its own, for tests that kill it."""
    started = Sandbox(tmp_path / "data")
    yield started
    started.close()


@pytest.fixture
def fast_sandbox(tmp_path) -> Iterator[Sandbox]:
    """A process whose clock runs, for clients that wait by themselves."""
    started = Sandbox(tmp_path / "data", speed=600)
    yield started
    started.close()


@pytest.fixture
def on() -> type[Cloud]:
    return Cloud
