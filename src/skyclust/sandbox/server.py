"""Run the whole sandbox as one process: a listener per cloud, one for Kubernetes (TLS) and one for control.

Called by `python -m skyclust.sandbox`.
Invariant: the same data directory gives the same ports, credentials, CA and state.
"""

import asyncio
import contextlib
import importlib
import importlib.util
import json
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import uvicorn

from skyclust.sandbox.kernel import (
    AsgiApp,
    CertificateAuthority,
    Faults,
    Front,
    Kernel,
    KubernetesServer,
    Latencies,
    NoKubernetes,
    SandboxClock,
    Store,
    World,
    control_app,
)

FRONTS = ("aws", "gcp", "azure")


@dataclass(frozen=True)
class Settings:
    data_dir: Path
    speed: float = 1.0
    host: str = "127.0.0.1"
    port: int = 0  # of the control listener; the others are chosen, then remembered
    seed: int = 0
    as_json: bool = False
    until_stdin_closes: bool = False


class Ports:
    """Sockets by listener name, at the port of the last start when it is still free."""

    def __init__(self, path: Path, host: str) -> None:
        self.path = path
        self.host = host
        self.remembered: dict[str, int] = json.loads(path.read_text())["ports"] if path.exists() else {}

    def bind(self, name: str, port: int = 0) -> socket.socket:
        # asyncio switches Nagle off only for sockets that say TCP; with it, every reply takes 40 ms longer
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        wanted = port or self.remembered.get(name, 0)
        try:
            listener.bind((self.host, wanted))
        except OSError as taken:
            listener.close()
            raise SystemExit(
                f"Port {wanted} of the sandbox's {name} listener is taken ({taken}); a sandbox may already run on "
                f"{self.path.parent}. Stop it, or use another data directory."
            ) from taken
        self.remembered[name] = int(listener.getsockname()[1])
        return listener

    def save(self, document: dict[str, Any]) -> None:
        staged = self.path.with_suffix(".tmp")
        staged.write_text(json.dumps({"ports": self.remembered, **document}, indent=1))
        staged.replace(self.path)


def make_kernel(settings: Settings) -> Kernel:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    store = Store(settings.data_dir / "sandbox.sqlite3")
    saved = store.get("kernel.clock", "now")
    clock = SandboxClock(settings.speed, datetime.fromisoformat(saved["now"]) if saved else None)
    ca = CertificateAuthority(settings.data_dir / "tls")
    return Kernel(
        clock=clock,
        latencies=Latencies(settings.seed),
        faults=Faults(settings.seed),
        store=store,
        kubernetes=NoKubernetes(ca.pem),
        data_dir=settings.data_dir,
        ca=ca,
    )


def mount_kubernetes(kernel: Kernel) -> KubernetesServer | None:
    """The simulated Kubernetes API when this installation has one; it becomes the kernel's port."""
    if importlib.util.find_spec("skyclust.sandbox.kubernetes") is None:
        return None
    module = importlib.import_module("skyclust.sandbox.kubernetes")
    if not hasattr(module, "KubernetesClusters"):
        return None
    clusters = cast(KubernetesServer, module.KubernetesClusters(kernel.store, kernel.clock, kernel.ca))
    kernel.kubernetes = clusters
    return clusters


def mount_fronts(kernel: Kernel) -> dict[str, Front]:
    fronts: dict[str, Front] = {}
    for name in FRONTS:
        if importlib.util.find_spec(f"skyclust.sandbox.{name}") is None:
            continue
        module = importlib.import_module(f"skyclust.sandbox.{name}")
        if hasattr(module, "front"):
            make = cast(Callable[[Kernel], Front], module.front)
            fronts[name] = make(kernel)
    return fronts


async def serve(settings: Settings) -> None:
    kernel = make_kernel(settings)
    ports = Ports(settings.data_dir / "sandbox.json", settings.host)
    servers: list[tuple[uvicorn.Server, socket.socket]] = []
    ready: dict[str, Any] = {}
    clusters = mount_kubernetes(kernel)
    if clusters is not None:
        listener = ports.bind("kubernetes")
        clusters.announce(_url(listener, "https"))
        servers.append((_server(clusters.app, kernel.ca.issue("kubernetes")), listener))
    fronts = mount_fronts(kernel)
    for name, front in fronts.items():
        listener = ports.bind(name)
        ready[name] = front.announce(_url(listener, front.scheme))
        servers.append((_server(front.app, kernel.ca.issue(name) if front.scheme == "https" else None), listener))
    worlds: dict[str, World] = {name: front.world for name, front in fronts.items()}
    listener = ports.bind("control", settings.port)
    servers.append((_server(cast(AsgiApp, control_app(kernel, worlds))), listener))
    ready |= {"control": f"{_url(listener)}/_sandbox", "ca_file": str(kernel.ca.certificate_file.resolve())}
    ports.save(ready)
    await _run(servers, kernel, ready, settings)


async def _run(
    servers: list[tuple[uvicorn.Server, socket.socket]], kernel: Kernel, ready: dict[str, Any], settings: Settings
) -> None:
    tasks = [asyncio.create_task(server.serve(sockets=[listener])) for server, listener in servers]
    while not all(server.started for server, _ in servers):
        if any(task.done() for task in tasks):
            break
        await asyncio.sleep(0.01)
    _announce(ready, settings.as_json)
    side = [asyncio.create_task(_remember_time(kernel))]
    if settings.until_stdin_closes:
        side.append(asyncio.create_task(_wait_for_end_of_input()))
        tasks.append(side[-1])
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for server, _ in servers:
        server.should_exit = True
    for task in side:
        task.cancel()
    await asyncio.gather(*tasks, *side, return_exceptions=True)
    _save_time(kernel)
    kernel.store.close()


def _server(app: AsgiApp, tls: tuple[Path, Path] | None = None) -> uvicorn.Server:
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        lifespan="off",
        interface="asgi3",
        proxy_headers=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=240,  # as the clouds' front ends: a client that pauses must not find its connection cut
        ssl_certfile=str(tls[0]) if tls else None,
        ssl_keyfile=str(tls[1]) if tls else None,
    )
    return uvicorn.Server(config)


def _url(listener: socket.socket, scheme: str = "http") -> str:
    host, port = listener.getsockname()[:2]
    return f"{scheme}://{host}:{port}"


def _announce(ready: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(ready), flush=True)  # noqa: T201 - the parent process reads this line
        return
    for name, value in ready.items():
        print(f"{name}: {value}", flush=True)  # noqa: T201 - for the person who started it


def _save_time(kernel: Kernel) -> None:
    kernel.store.put("kernel.clock", "now", {"now": kernel.clock.now().isoformat()})


async def _remember_time(kernel: Kernel) -> None:
    """Cloud time must not run backwards after a kill, so it is written down every tenth of a second."""
    while True:
        _save_time(kernel)
        await asyncio.sleep(0.1)


async def _wait_for_end_of_input() -> None:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()

    def read() -> None:
        if not os.read(sys.stdin.fileno(), 4096):
            loop.remove_reader(sys.stdin.fileno())
            ended.set()

    with contextlib.suppress(PermissionError):  # a plain file never blocks and cannot be watched
        loop.add_reader(sys.stdin.fileno(), read)
        await ended.wait()
