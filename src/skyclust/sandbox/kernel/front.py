"""What a simulated cloud is made of and what it is given. Called by the server, which mounts the fronts.

Invariant: a front keeps all it must not lose in `Kernel.store`, and takes time only from `Kernel.clock`.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from skyclust.sandbox.kernel.calls import CallLog
from skyclust.sandbox.kernel.certificates import CertificateAuthority
from skyclust.sandbox.kernel.clock import SandboxClock
from skyclust.sandbox.kernel.faults import Faults
from skyclust.sandbox.kernel.kubernetes_port import KubernetesPort
from skyclust.sandbox.kernel.latency import Latencies
from skyclust.sandbox.kernel.store import Store

Message = MutableMapping[str, Any]
AsgiApp = Callable[[Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]


@dataclass
class Kernel:
    clock: SandboxClock
    latencies: Latencies
    faults: Faults
    store: Store
    kubernetes: KubernetesPort
    data_dir: Path
    ca: CertificateAuthority
    calls: CallLog = field(default_factory=CallLog)


class World(Protocol):
    """The independent truth about one cloud, and the hands of the outside world in it."""

    provider: str

    def resources(self) -> list[dict[str, Any]]:
        """Everything that exists: provider, kind, id, name, region, tags, parent, state, created_at, decoy?."""

    def act(self, action: str, body: dict[str, Any]) -> dict[str, Any]:
        """Do what nobody asked the API for. KeyError: no such action. ValueError: the body is wrong."""

    def reset(self) -> None:
        """Forget every resource; credentials stay."""


class Front(Protocol):
    """One cloud: `app` is served at its own port; `announce` is called once, with that port's base URL, before serving.

    With `scheme` "https" the port speaks TLS with a certificate of the kernel's authority.

    The returned mapping becomes this cloud's entry in the line the sandbox prints when it is ready.
    """

    app: AsgiApp
    world: World
    scheme: str

    def announce(self, base_url: str) -> dict[str, Any]: ...


class KubernetesServer(KubernetesPort, Protocol):
    """The Kubernetes port as the server mounts it: over TLS, at its own port."""

    app: AsgiApp

    def announce(self, base_url: str) -> None:
        """The https base URL under which `app` is served; endpoints start with it."""
