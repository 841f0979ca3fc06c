"""Two clusters for one suite: ours, served as the sandbox serves it, and a real control plane with simulated kubelets."""

import json
import os
import secrets
import shutil
import socket
import ssl
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from skyclust.sandbox.kernel import CertificateAuthority, NodeSpec, SandboxClock, Store
from skyclust.sandbox.kubernetes import KubernetesClusters

TOKEN = "let-me-in"
ZONES = {"node-a": "zone-a", "node-b": "zone-b", "node-c": "zone-a"}
#: An API version that goes with Kubernetes 1.37, where the real one serves it at all.
DEPRECATED = "networking.k8s.io/v1beta1"
PROGRAMS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok")
HOW_TO_GET = (
    "set KUBEBUILDER_ASSETS to a folder with etcd, kube-apiserver (setup-envtest of controller-runtime gives both), "
    "kube-controller-manager, kube-scheduler (of the same Kubernetes release) and kwok (kwok.sigs.k8s.io)"
)


@dataclass
class Kubectl:
    """The real kubectl against one cluster, in one namespace."""

    kubeconfig: Path
    name: str
    namespace: str = "default"
    refused: str = field(default="", init=False)

    def within(self, namespace: str) -> "Kubectl":
        return Kubectl(self.kubeconfig, self.name, namespace)

    def command(self, *arguments: str) -> list[str]:
        cache = self.kubeconfig.with_name("cache")
        fixed = ["kubectl", f"--kubeconfig={self.kubeconfig}", f"--cache-dir={cache}", "-n", self.namespace]
        return [*fixed, *arguments]

    def run(self, *arguments: str, stdin: str | None = None, code: int = 0) -> str:
        done = subprocess.run(
            self.command(*arguments), input=stdin, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == code, f"kubectl {' '.join(arguments)}: {done.stdout}{done.stderr}"
        self.refused = done.stderr
        return done.stdout

    def json(self, *arguments: str):
        return json.loads(self.run(*arguments, "-o", "json"))

    def refusal(self, *arguments: str, stdin: str | None = None, code: int = 1) -> str:
        self.run(*arguments, stdin=stdin, code=code)
        return self.refused.strip()

    def raw(self, path: str) -> str:
        """kubectl takes a raw path from the host on, so that of the server has to be given with it."""
        server = json.loads(self.kubeconfig.read_text())["clusters"][0]["cluster"]["server"]
        return self.run("get", "--raw", urllib.parse.urlparse(server).path + path)

    def first_complaint(self, *arguments: str) -> str:
        """The first error of a command that would go on trying; it is ended then."""
        trying = subprocess.Popen(
            self.command(*arguments), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        try:
            return next(line for line in trying.stderr if line.startswith("error"))
        finally:
            trying.kill()
            trying.wait(timeout=10)
            trying.stderr.close()

    def names(self, *arguments: str) -> list[str]:
        return self.run("get", *arguments, "-o", "name").split()

    def until(self, holds, *arguments: str, seconds: float = 20) -> str:
        """The output of a command once it satisfies `holds`: what a real cluster does takes a moment."""
        deadline = time.monotonic() + seconds
        while not holds(said := self.run(*arguments)):
            assert time.monotonic() < deadline, f"kubectl {' '.join(arguments)} still says: {said}"
            time.sleep(0.1)
        return said


def write_kubeconfig(folder: Path, server: str, ca: Path, token: str = TOKEN) -> Path:
    path = folder / "kubeconfig"
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "it",
        "clusters": [{"name": "it", "cluster": {"server": server, "certificate-authority": str(ca)}}],
        "users": [{"name": "it", "user": {"token": token}}],
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
    }
    path.write_text(json.dumps(config))
    return path


class Served:
    """KubernetesClusters behind TLS on a port of its own, as the sandbox's server mounts it."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder / "sandbox.sqlite3")
        self.clock = SandboxClock()
        self.ca = CertificateAuthority(folder / "tls")
        self.clusters = KubernetesClusters(self.store, self.clock, self.ca)
        listener = socket.create_server(("127.0.0.1", 0))
        self.clusters.announce(f"https://127.0.0.1:{listener.getsockname()[1]}")
        certificate, key = self.ca.issue("kubernetes")
        config = uvicorn.Config(
            self.clusters.app,
            log_level="warning",
            lifespan="off",
            interface="asgi3",
            timeout_graceful_shutdown=1,
            ssl_certfile=str(certificate),
            ssl_keyfile=str(key),
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [listener]}, daemon=True)
        self.thread.start()

    def add(self, key: str, nodes: dict[str, str]) -> str:
        """The endpoint of a new cluster with these nodes in these zones."""
        self.clusters.create(key, "1.34", lambda token: "admin" if token == TOKEN else None)
        self.clusters.set_nodes(key, "pool", [node_spec(name, zone) for name, zone in nodes.items()])
        return self.clusters.endpoint(key)

    def close(self) -> None:
        self.server.should_exit = True
        self.thread.join(timeout=10)
        self.store.close()


def node_spec(name: str, zone: str) -> NodeSpec:
    return NodeSpec(
        name, "m5.large", zone, "region", 4000, 16 * 1024**3, f"sim:///{zone}/{name}", labels={"pool": "it"}
    )


@pytest.fixture(scope="session")
def served(tmp_path_factory) -> Iterator[Served]:
    started = Served(tmp_path_factory.mktemp("served"))
    yield started
    started.close()


@pytest.fixture(scope="session")
def needs_kubectl() -> None:
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not installed; https://kubernetes.io/docs/tasks/tools says how to get it")


@pytest.fixture(scope="session")
def sandbox_cluster(needs_kubectl, served, tmp_path_factory) -> Kubectl:
    folder = tmp_path_factory.mktemp("sandbox")
    endpoint = served.add("suite", ZONES)
    return Kubectl(write_kubeconfig(folder, endpoint, served.ca.certificate_file), "sandbox")


STAGES = """
apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata: {name: node-ready}
spec:
  resourceRef: {apiGroup: v1, kind: Node}
  selector:
    matchExpressions:
    - {key: '.status.conditions.[] | select( .type == "Ready" ) | .status', operator: NotIn, values: ["True"]}
  next:
    statusTemplate: |
      {{ $now := Now }}
      conditions:
      {{ range NodeConditions }}
      - {type: {{ .type | Quote }}, status: {{ .status | Quote }}, reason: {{ .reason | Quote }},
         lastHeartbeatTime: {{ $now | Quote }}, lastTransitionTime: {{ $now | Quote }}}
      {{ end }}
      addresses:
      - {type: InternalIP, address: {{ NodeIP | Quote }}}
      - {type: Hostname, address: {{ NodeName | Quote }}}
      nodeInfo: {architecture: amd64, operatingSystem: linux, osImage: simulated, kernelVersion: simulated,
                 containerRuntimeVersion: simulated, kubeletVersion: v1.34.0, kubeProxyVersion: "", bootID: "",
                 machineID: "", systemUUID: ""}
---
apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata: {name: pod-runs}
spec:
  resourceRef: {apiGroup: v1, kind: Pod}
  selector:
    matchExpressions:
    - {key: .metadata.deletionTimestamp, operator: DoesNotExist}
    - {key: .status.phase, operator: In, values: [Pending]}
  next:
    statusTemplate: |
      {{ $now := Now }}
      phase: Running
      startTime: {{ $now | Quote }}
      conditions:
      - {type: Initialized, status: "True", lastTransitionTime: {{ $now | Quote }}}
      - {type: ContainersReady, status: "True", lastTransitionTime: {{ $now | Quote }}}
      - {type: Ready, status: "True", lastTransitionTime: {{ $now | Quote }}}
      containerStatuses:
      {{ range .spec.containers }}
      - {name: {{ .name | Quote }}, image: {{ .image | Quote }}, imageID: "", ready: true, restartCount: 0,
         started: true, state: {running: {startedAt: {{ $now | Quote }}}}}
      {{ end }}
      {{ with NodeIPWith .spec.nodeName }}
      hostIP: {{ . | Quote }}
      {{ end }}
      {{ with PodIPWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" )
         ( or .metadata.namespace "" ) }}
      podIP: {{ . | Quote }}
      podIPs: [{ip: {{ . | Quote }}}]
      {{ end }}
---
apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata: {name: job-pod-completes}
spec:
  resourceRef: {apiGroup: v1, kind: Pod}
  selector:
    matchExpressions:
    - {key: .metadata.deletionTimestamp, operator: DoesNotExist}
    - {key: .status.phase, operator: In, values: [Running]}
    - {key: '.metadata.ownerReferences.[].kind', operator: In, values: [Job]}
  next:
    statusTemplate: |
      {{ $now := Now }}
      phase: Succeeded
      containerStatuses:
      {{ range .spec.containers }}
      - {name: {{ .name | Quote }}, image: {{ .image | Quote }}, imageID: "", ready: false, restartCount: 0,
         started: false, state: {terminated: {exitCode: 0, reason: Completed, startedAt: {{ $now | Quote }},
         finishedAt: {{ $now | Quote }}}}}
      {{ end }}
---
apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata: {name: pod-goes}
spec:
  resourceRef: {apiGroup: v1, kind: Pod}
  selector:
    matchExpressions:
    - {key: .metadata.deletionTimestamp, operator: Exists}
  next: {delete: true}
"""


class ControlPlane:
    """etcd, API server, controllers, scheduler and kwok on free ports of loopback."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs, self.folder = programs, folder
        self.processes: list[subprocess.Popen] = []
        self.api, self.etcd, self.peer, self.controllers, self.scheduler = free_ports(5)
        self.token = secrets.token_hex(16)
        self._write_files()
        self._start_api()
        self.kubeconfig = write_kubeconfig(
            folder, f"https://127.0.0.1:{self.api}", folder / "certs" / "apiserver.crt", self.token
        )
        self._wait_ready()
        self._start_rest()

    def _write_files(self) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
        (self.folder / "sa.key").write_bytes(pem)
        (self.folder / "tokens.csv").write_text(f'{self.token},admin,admin,"system:masters"\n')
        (self.folder / "stages.yaml").write_text(STAGES)

    def _run(self, program: str, *arguments: str) -> None:
        with (self.folder / f"{program}.log").open("wb") as log:
            process = subprocess.Popen(
                [str(self.programs / program), *arguments],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.processes.append(process)

    def _start_api(self) -> None:
        etcd, peer = f"http://127.0.0.1:{self.etcd}", f"http://127.0.0.1:{self.peer}"
        self._run(
            "etcd", "--data-dir=etcd", "--unsafe-no-fsync", f"--listen-peer-urls={peer}",
            f"--listen-client-urls={etcd}", f"--advertise-client-urls={etcd}",
        )  # fmt: skip
        self._run(
            "kube-apiserver", f"--etcd-servers={etcd}", "--bind-address=127.0.0.1", f"--secure-port={self.api}",
            "--cert-dir=certs", f"--service-account-issuer=https://127.0.0.1:{self.api}",
            "--service-account-key-file=sa.key", "--service-account-signing-key-file=sa.key",
            "--token-auth-file=tokens.csv", "--authorization-mode=RBAC", "--service-cluster-ip-range=10.96.0.0/16",
            f"--runtime-config={DEPRECATED}=true",
        )  # fmt: skip

    def _start_rest(self) -> None:
        config = f"--kubeconfig={self.kubeconfig}"
        self._run(
            "kube-controller-manager", config, "--service-account-private-key-file=sa.key", "--leader-elect=false",
            "--bind-address=127.0.0.1", f"--secure-port={self.controllers}",
            f"--root-ca-file={self.folder / 'certs' / 'apiserver.crt'}",
        )  # fmt: skip
        self._run(
            "kube-scheduler", config, "--leader-elect=false", "--bind-address=127.0.0.1",
            f"--secure-port={self.scheduler}",
        )  # fmt: skip
        stages = f"--config={self.folder / 'stages.yaml'}"
        self._run("kwok", config, stages, "--manage-all-nodes=true", "--node-lease-duration-seconds=40")

    def _wait_ready(self, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        request = urllib.request.Request(
            f"https://127.0.0.1:{self.api}/readyz", headers={"Authorization": f"Bearer {self.token}"}
        )
        trust = ssl._create_unverified_context()  # its certificate is still being made
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(request, timeout=5, context=trust):
                    return
            except OSError:
                assert self.processes[-1].poll() is None, (self.folder / "kube-apiserver.log").read_text()[-2000:]
                time.sleep(0.1)
        raise AssertionError(f"the API server did not become ready in {seconds} s; see {self.folder}")

    def close(self) -> None:
        for process in reversed(self.processes):
            process.terminate()
        for process in reversed(self.processes):
            try:
                process.wait(timeout=1)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(timeout=10)


def free_ports(count: int) -> list[int]:
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


def node_manifest(name: str, zone: str) -> dict:
    room = {"cpu": "4", "memory": "16Gi", "pods": "110"}
    labels = {"kubernetes.io/hostname": name, "topology.kubernetes.io/zone": zone, "pool": "it"}
    labels |= {"kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}
    labels["node.kubernetes.io/instance-type"] = "m5.large"
    metadata = {"name": name, "labels": labels}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": metadata,
        "status": {"capacity": room, "allocatable": room},
    }


@pytest.fixture(scope="session")
def real_cluster(needs_kubectl, tmp_path_factory) -> Iterator[Kubectl]:
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    if not assets:
        pytest.skip(f"no real Kubernetes to compare with: {HOW_TO_GET}")
    missing = [program for program in PROGRAMS if not (Path(assets) / program).exists()]
    if missing:
        pytest.skip(f"KUBEBUILDER_ASSETS lacks {', '.join(missing)}: {HOW_TO_GET}")
    control_plane = ControlPlane(Path(assets), tmp_path_factory.mktemp("real"))
    try:
        kubectl = Kubectl(control_plane.kubeconfig, "real")
        items = [node_manifest(name, zone) for name, zone in ZONES.items()]
        kubectl.run("create", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
        kubectl.run("wait", "--for=condition=Ready", "node", "--all", "--timeout=30s")
        yield kubectl
    finally:
        control_plane.close()


def _one_worker(name: str):
    """Each cluster is started by one of the parallel test workers only."""
    return pytest.param(name, marks=pytest.mark.xdist_group(f"kubernetes-{name}"))


@pytest.fixture(scope="session", params=[_one_worker("sandbox"), _one_worker("real")])
def cluster(request) -> Kubectl:
    return request.getfixturevalue(f"{request.param}_cluster")


@pytest.fixture
def kubectl(cluster, request) -> Iterator[Kubectl]:
    """A namespace of the test's own."""
    name = f"test-{secrets.token_hex(3)}"
    cluster.run("create", "namespace", name)
    cluster.until(lambda said: "default" in said, "get", "serviceaccounts", "-n", name, "-o", "name")
    yield cluster.within(name)
    cluster.run("delete", "namespace", name, "--wait=false")
