"""moto as a library: its Flask applications called in process, its backends reachable, its dice seeded.

Called by everything in this package that needs EC2, IAM, STS or ELB state. Invariant: one caller at a time (the front's
lock), and before every change the dice are seeded, so that replaying the journal gives the same ids.
"""

import functools
import io
import os
from pathlib import Path
from typing import Any

os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
# One image, that of nodes. Moto's thirteen hundred a region, with a volume each, would take a seventh of a second.
os.environ.setdefault("MOTO_AMIS_PATH", str(Path(__file__).with_name("images.json")))

import moto.backends
from moto.core import responses
from moto.core.common_models import BaseModel
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ec2.models import ec2_backends
from moto.ec2.models.subnets import Subnet
from moto.elbv2.models import elbv2_backends
from moto.iam.models import IAMBackend, ManagedPolicy, iam_backends
from moto.moto_api._internal import mock_random
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.sts.models import sts_backends

from skyclust.sandbox.aws.replies import Refusal, Reply
from skyclust.sandbox.aws.requests import AwsRequest

ACCOUNT = DEFAULT_ACCOUNT_ID

_parse_policies = IAMBackend._init_aws_policies
_policies: list[ManagedPolicy] = []


def _known_policies(backend: IAMBackend) -> list[ManagedPolicy]:
    """AWS's thousand managed policies never change: parsed once, since parsing is all that makes a reset slow."""
    if not _policies:
        _policies.extend(_parse_policies(backend))
    for policy in _policies:
        policy.attachment_count = 0
    return list(_policies)


IAMBackend._init_aws_policies = _known_policies  # type: ignore[method-assign,assignment]


def _untracked(cls: type[BaseModel], *_given: Any, **_named: Any) -> BaseModel:
    """Moto keeps every object it ever made for a dashboard nobody sees here: 5 MB a cluster, for good."""
    return object.__new__(cls)


BaseModel.__new__ = _untracked  # type: ignore[method-assign]


# Moto finds out anew with each request which services it has and what each of them can do.
_services = frozenset(moto.backends.list_of_moto_modules())
moto.backends.list_of_moto_modules = lambda: _services
responses.method_names_from_class = functools.cache(responses.method_names_from_class)  # type: ignore[attr-defined]


class MotoCloud:
    def __init__(self) -> None:
        self._wsgi = DomainDispatcherApplication(create_backend_app)
        self._regions: set[str] = set()

    def regions(self) -> list[str]:
        """Those somebody has used."""
        return sorted(self._regions)

    def ec2(self, region: str) -> Any:
        """Moto's EC2 of a region, without the default VPC it would come with."""
        if region not in self._regions:
            if region not in ec2_backends[ACCOUNT].regions:
                raise Refusal("InvalidRegion", f"There is no region {region!r}.", 400)
            before = mock_random.getstate()  # a read may be the first to look here, and reads are not replayed
            mock_random.seed(f"region|{region}")
            backend = ec2_backends[ACCOUNT][region]
            mock_random.setstate(before)
            for collection in (
                backend.vpcs,
                backend.subnets,
                backend.route_tables,
                backend.groups,
                backend.network_acls,
            ):
                collection.clear()
            backend.enis.clear()
            self._regions.add(region)
        return ec2_backends[ACCOUNT][region]

    def iam(self) -> Any:
        """Moto's IAM: one for all partitions, since each would load its own thousand managed policies."""
        account = iam_backends[ACCOUNT]
        if "aws" not in account.keys():  # noqa: SIM118 - `in account` also means "could be made"
            backend = account["aws"]
            for partition in account.regions:
                account[partition] = backend
        return account["aws"]

    def load_balancers(self, region: str) -> Any:
        return elbv2_backends[ACCOUNT][region]

    def seed(self, seed: str) -> None:
        mock_random.seed(seed)

    def call(self, request: AwsRequest) -> Reply:
        """Let moto answer on the wire's own level."""
        caught: dict[str, Any] = {}

        def start_response(status: str, headers: list[tuple[str, str]], _exc_info: Any = None) -> None:
            caught.update(
                status=int(status.split(maxsplit=1)[0]), headers={name.lower(): value for name, value in headers}
            )

        environ = _environ(request)
        self._load_service(environ)
        body = b"".join(self._wsgi(environ, start_response))
        kept = {
            name: value for name, value in caught["headers"].items() if name not in {"content-length", "connection"}
        }
        return Reply(caught["status"], body, kept)

    def _load_service(self, environ: dict[str, Any]) -> None:
        """The first call of a service loads its code, which throws dice; which call that is must not matter."""
        before = mock_random.getstate()
        self._wsgi.get_application(environ)
        mock_random.setstate(before)

    def reset(self) -> None:
        for backends in (ec2_backends, elbv2_backends, iam_backends, sts_backends):
            backends[ACCOUNT].clear()  # they are made anew when somebody looks; moto's reset would make them all now
        Subnet._base_avail_ip_iterator.cache_clear()  # it keeps every subnet, and with it the rest
        self._regions.clear()


def _environ(request: AwsRequest) -> dict[str, Any]:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": request.path or "/",
        "QUERY_STRING": request.query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(request.body)),
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        if name not in {"content-length", "content-type", "transfer-encoding"}:
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    return environ
