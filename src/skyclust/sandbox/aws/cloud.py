"""One request in, one reply out: credentials, faults, checks, moto or EKS, journal. Called by the front in a thread.

Invariant: under one lock; a change is in the journal before its reply leaves, and replaying the journal with its times
and seeds rebuilds the same state.
"""

import base64
import threading
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from skyclust.sandbox.aws.eks_model import eks_model, jsonable
from skyclust.sandbox.aws.eks_operations import OPERATIONS
from skyclust.sandbox.aws.eks_state import Eks
from skyclust.sandbox.aws.identities import Identities
from skyclust.sandbox.aws.lag import Lag
from skyclust.sandbox.aws.leftovers import ACTIONS, delete_load_balancer
from skyclust.sandbox.aws.lifecycles import Agenda
from skyclust.sandbox.aws.moto_cloud import MotoCloud
from skyclust.sandbox.aws.networks import Networks
from skyclust.sandbox.aws.quotas import answer_quotas
from skyclust.sandbox.aws.replies import Refusal, Reply, internal_error, json_reply, refuse, throttled
from skyclust.sandbox.aws.requests import AwsRequest
from skyclust.sandbox.kernel import Call, Fault, Kernel, Mode

JOURNAL = "aws.journal"
KEPT_HEADERS = ("authorization", "content-type", "host", "x-amz-target", "x-amz-date", "user-agent")
MOTO_SERVICES = {"ec2", "iam", "sts", "elbv2", "autoscaling", "monitoring", "ssm", "ce", "tagging"}
OPERATION_QUOTAS = {
    "CreateVpc": "VpcLimitExceeded", "AllocateAddress": "AddressLimitExceeded", "RunInstances": "VcpuLimitExceeded",
    "CreateNatGateway": "NatGatewayLimitExceeded", "CreateInternetGateway": "InternetGatewayLimitExceeded",
}  # fmt: skip


class AwsCloud:
    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.lock = threading.RLock()
        self.moto = MotoCloud()
        self.agenda = Agenda()
        self.identities = Identities(kernel.store, self.moto)
        self.networks = Networks(self.moto, self.agenda, kernel.latencies, kernel.faults)
        self.eks = Eks(
            self.moto, self.agenda, kernel.latencies, kernel.faults,
            port=lambda: kernel.kubernetes, authenticator=self._authenticator,
        )  # fmt: skip
        self.lag = Lag(kernel.faults, self.moto)
        self._next = 1

    # the front's side

    def handle(self, request: AwsRequest) -> tuple[Reply, Fault | None]:
        """Answer; a fault that concerns the connection (slow, lost reply) is returned for the front to act out."""
        request_id = str(uuid.uuid4())
        request, given, refusal = self._understand(request)
        name = f"{request.service}.{request.operation}"
        fault: Fault | None = None
        with self.lock:
            now = self.kernel.clock.now()
            self.agenda.settle(now, self.moto.seed)
            try:
                self.identities.check(request)
                if refusal is not None:
                    raise refusal
                fault = self._fault(request)
                self._fail_before(request, fault)
                reply = self._answer(request, given, fault, now, request_id)
                if fault is not None and fault.mode is Mode.ERROR_AFTER:
                    raise internal_error(request.service)
            except Refusal as refused:
                reply = refuse(request.service, refused, request_id)
            mode = fault.mode.value if fault else ""
            self.kernel.calls.record(
                Call("aws", name, reply.status, now.isoformat(), request_id, self.lag.newest, mode)
            )
        return reply, fault

    def _understand(self, request: AwsRequest) -> tuple[AwsRequest, dict[str, Any], Refusal | None]:
        """EKS's operation and parameters from the path; other services carry theirs in the request."""
        if request.service != "eks":
            return request, dict(request.parameters), None
        operation, uri = eks_model().route(request.method, request.path)
        named = AwsRequest(**{**request.__dict__, "operation": operation})
        if operation not in OPERATIONS:
            what = operation or f"{request.method} {request.path}"
            return named, {}, Refusal("UnknownOperationException", f"The sandbox's EKS does not know {what}.", 404)
        try:
            return named, eks_model().parameters(operation, uri, request.query, request.body), None
        except Refusal as refused:
            return named, {}, refused

    def _fault(self, request: AwsRequest) -> Fault | None:
        full = f"{request.service}.{request.operation}"
        return self.kernel.faults.decide("aws", request.operation, request.access_key, alias=full)

    def _fail_before(self, request: AwsRequest, fault: Fault | None) -> None:
        if fault is None:
            return
        if fault.mode is Mode.THROTTLE:
            raise throttled(request.service)
        if fault.mode in (Mode.ERROR_BEFORE, Mode.LOST_REQUEST):
            raise internal_error(request.service)
        if fault.mode is Mode.REVOKED:
            raise self.identities.refusal(request.service)
        if fault.mode is Mode.QUOTA and "quota" not in fault.params:
            code = "ResourceLimitExceededException" if request.service == "eks" else "LimitExceeded"
            raise Refusal(OPERATION_QUOTAS.get(request.operation, code), "The quota of your account is exceeded.", 400)
        if fault.mode is Mode.NO_CAPACITY and request.operation == "RunInstances":
            raise Refusal(
                "InsufficientInstanceCapacity", "We currently do not have sufficient capacity in this zone.", 500
            )
        if fault.mode is Mode.NO_CAPACITY and request.operation == "CreateCluster":
            message = (
                "Cannot create cluster because the targeted availability zone "
                "does not currently have sufficient capacity."
            )
            raise Refusal("UnsupportedAvailabilityZoneException", message, 400)

    def _answer(
        self, request: AwsRequest, given: dict[str, Any], fault: Fault | None, now: datetime, request_id: str
    ) -> Reply:
        if request.is_read():
            with self.lag.hiding(request, given, now):
                return self._apply(request, given, now, request_id)
        if fault is not None and fault.mode is Mode.NO_CAPACITY and request.operation == "CreateNodegroup":
            given["_starved"] = True
        entry = _entry(request, now, starved="_starved" in given)
        self.moto.seed(f"{self._next}")
        reply = self._apply(request, given, now, request_id)
        if reply.status < 400:
            self.append(entry)
        self.lag.note(request, given, reply, now)
        return reply

    def append(self, entry: dict[str, Any]) -> None:
        self.kernel.store.put(JOURNAL, f"{self._next:09d}", entry)
        self._next += 1

    # the part that replay shares

    def _apply(self, request: AwsRequest, given: dict[str, Any], at: datetime, request_id: str) -> Reply:
        if request.service == "eks":
            self.moto.ec2(request.region)
            caller = self.identities.arn(request.access_key)
            answer = OPERATIONS[request.operation](self.eks, request.region, caller, given, at)
            return json_reply(jsonable(answer), request_id)
        if request.service == "servicequotas":
            answer = answer_quotas(request.operation, given, request.region, self.kernel.faults)
            return json_reply(answer, request_id, "application/x-amz-json-1.1")
        if request.service not in MOTO_SERVICES:
            raise Refusal("UnknownService", f"The sandbox does not simulate the service {request.service!r}.", 400)
        if request.operation == "DeleteLoadBalancer":
            return delete_load_balancer(self.moto, request)
        if (request.service, request.operation) == ("sts", "AssumeRole"):
            self.identities.check_trust(request)
        if (request.service, request.operation) == ("iam", "SimulatePrincipalPolicy"):
            return self.identities.simulate(request, request_id)
        if request.service != "ec2":
            return self.moto.call(request)
        self.networks.check(request)
        if request.parameters.get("DryRun") == "true":
            raise Refusal("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)
        reply = self.moto.call(request)
        return self.networks.after(request, reply, at) if reply.status < 400 else reply

    def replay(self) -> None:
        """Rebuild everything from the journal; called once, before the first request."""
        self.eks.replaying = True
        self.identities.install()
        for key, entry in self.kernel.store.list(JOURNAL).items():
            at = datetime.fromisoformat(entry["at"])
            self.agenda.settle(at, self.moto.seed)
            self.moto.seed(str(int(key)))
            self._replay_one(entry, at)
            self._next = int(key) + 1
            behind = (at - self.kernel.clock.now()).total_seconds()
            if behind > 0:  # killed before the clock was written down; time must not run backwards
                self.kernel.clock.advance(behind)
        self.agenda.settle(self.kernel.clock.now(), self.moto.seed)
        self.eks.replaying = False
        self.eks.serve_all()

    def _replay_one(self, entry: dict[str, Any], at: datetime) -> None:
        if "action" in entry:
            ACTIONS[entry["action"]](self, entry["body"])
            return
        fields = {**entry["request"], "body": base64.b64decode(entry["request"]["body"])}
        request, given, _ = self._understand(AwsRequest(**fields))
        if entry["starved"]:
            given["_starved"] = True
        reply = self._apply(request, given, at, "replayed")
        self.lag.note(request, given, reply, at)

    # the outside world's side

    def act(self, action: str, body: dict[str, Any]) -> dict[str, Any]:
        perform = ACTIONS[action]
        with self.lock:
            now = self.kernel.clock.now()
            self.agenda.settle(now, self.moto.seed)
            self.moto.seed(f"{self._next}")
            answer = perform(self, body)
            self.append({"action": action, "body": body, "at": now.isoformat()})
        return answer

    def reset(self) -> None:
        with self.lock:
            for cluster in list(self.eks.clusters.values()):
                self.kernel.kubernetes.delete(cluster.key)
            self.eks.clusters.clear()
            self.agenda.clear()
            self.moto.reset()
            self.lag.clear()
            self.kernel.store.clear(JOURNAL)
            self._next = 1
            self.identities.install()

    def _authenticator(self, key: str) -> Callable[[str], str | None]:
        def authenticate(token: str) -> str | None:
            with self.lock:
                cluster = next((item for item in self.eks.clusters.values() if item.key == key), None)
                return self.identities.kubernetes_user(token, cluster) if cluster else None

        return authenticate


def _entry(request: AwsRequest, at: datetime, starved: bool) -> dict[str, Any]:
    kept = {name: value for name, value in request.headers.items() if name in KEPT_HEADERS}
    document = {**request.__dict__, "headers": kept, "body": base64.b64encode(request.body).decode()}
    return {"request": document, "at": at.isoformat(), "starved": starved}
