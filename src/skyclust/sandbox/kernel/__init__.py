"""What every simulated cloud shares: clock, latencies, faults, store, call log, certificates, the Kubernetes port.

Called by the fronts and the server. Invariant: knows no cloud.
"""

from skyclust.sandbox.kernel.calls import Call, CallLog
from skyclust.sandbox.kernel.certificates import CertificateAuthority
from skyclust.sandbox.kernel.clock import SandboxClock
from skyclust.sandbox.kernel.control import control_app
from skyclust.sandbox.kernel.exchanges import Received, Reply, json_reply, receive_request, send_reply
from skyclust.sandbox.kernel.faults import Fault, FaultRule, Faults, Mode
from skyclust.sandbox.kernel.front import AsgiApp, Front, Kernel, KubernetesServer, World
from skyclust.sandbox.kernel.kubernetes_port import Authenticate, KubernetesPort, NodeSpec, NoKubernetes
from skyclust.sandbox.kernel.latency import MEDIANS, Latencies
from skyclust.sandbox.kernel.state import CloudState, Effect, due_after
from skyclust.sandbox.kernel.store import Document, Store

__all__ = [
    "MEDIANS",
    "AsgiApp",
    "Authenticate",
    "Call",
    "CallLog",
    "CertificateAuthority",
    "CloudState",
    "Document",
    "Effect",
    "Fault",
    "FaultRule",
    "Faults",
    "Front",
    "Kernel",
    "KubernetesPort",
    "KubernetesServer",
    "Latencies",
    "Mode",
    "NoKubernetes",
    "NodeSpec",
    "Received",
    "Reply",
    "SandboxClock",
    "Store",
    "World",
    "control_app",
    "due_after",
    "json_reply",
    "receive_request",
    "send_reply",
]
