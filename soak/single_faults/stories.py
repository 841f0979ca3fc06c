"""What is made, changed and deleted for every blueprint, and how each provider is opened on its sandbox.

A cloud more is a `Place` more. Invariant: a story's change touches things that stand and adds one.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from skyclust.contract.provider import Provider, Session
from skyclust.contract.specs import (
    ClusterSpec,
    FirewallRuleSpec,
    NetworkSpec,
    NodePoolSpec,
    SecurityGroupSpec,
    SubnetSpec,
)
from skyclust.providers import aws, azure, gcp

Spec = NetworkSpec | ClusterSpec


@dataclass(frozen=True)
class Story:
    """`in_existing`: the cluster stands in a network that another stack has made before; see `running`."""

    name: str
    before: Spec
    after: Spec
    in_existing: NetworkSpec | None = None

    @property
    def is_cluster(self) -> bool:
        return isinstance(self.before, ClusterSpec)


@dataclass(frozen=True, eq=False)
class Place:
    """A provider and how to open it: `make` and `credential` read the line that the sandbox prints when ready."""

    provider: str
    region: str
    stories: tuple[Story, ...]
    make: Callable[[Mapping[str, Any]], Provider]
    credential: Callable[[Mapping[str, Any]], Mapping[str, Any]]

    def connect(self, provider: Provider, ready: Mapping[str, Any]) -> Session:
        """A session that has called nothing yet, nor uses what earlier ones got."""
        kept_tokens = getattr(provider, "_tokens", None)
        if kept_tokens is not None:
            kept_tokens.cache_clear()  # so that every run exchanges a token of its own
        return provider.connect(self.credential(ready), self.region)

    def story(self, name: str) -> Story:
        return next(story for story in self.stories if story.name == name)


WEB = SecurityGroupSpec("web", "the web", (FirewallRuleSpec("ingress", "tcp", 443, 443, ("10.0.0.0/16",), "https"),))
OPENED = replace(WEB, rules=(FirewallRuleSpec("ingress", "tcp", 80, 80, ("10.0.0.0/16",), "http"),))
API = SecurityGroupSpec("api", "the API", WEB.rules)


def network(name: str, region: str, **more: Any) -> NetworkSpec:
    return NetworkSpec(name, region, "10.0.0.0/16", **more)


def regrouped(name: str, spec: NetworkSpec, **more: Any) -> Story:
    """A network whose security group gets another rule while a second group comes."""
    before = replace(spec, security_groups=(WEB,))
    return Story(name, before, replace(before, security_groups=(OPENED, API), **more))


def grown(name: str, spec: ClusterSpec, **more: Any) -> Story:
    """A cluster whose pool grows while a second pool comes."""
    first = spec.node_pools[0]
    pools = (replace(first, node_count=first.node_count + 1), replace(first, name="batch", node_count=1))
    return Story(name, spec, replace(spec, node_pools=pools), **more)


def _aws() -> Place:
    region = "us-west-2"
    public = NetworkSpec(
        "net", region, "10.0.0.0/16", carve=False,
        subnets=(SubnetSpec("front", "10.0.1.0/24", f"{region}a", public=True),),
    )  # fmt: skip
    back = SubnetSpec("back", "10.0.2.0/24", f"{region}b")
    pool = NodePoolSpec("default", "t3.medium", 2)
    cluster = ClusterSpec("shop", region, "1.33", network=network("shop-net", region), node_pools=(pool,))
    fargate = replace(cluster, mode="fargate", node_pools=())
    stories = (
        regrouped("network-public", public, subnets=(*public.subnets, back)),
        regrouped("network-private", network("net", region)),
        grown("cluster", cluster),
        Story("fargate", fargate, replace(fargate, version="1.34")),
        grown("existing", replace(cluster, network=None), in_existing=network("net", region)),
    )
    return Place(
        "aws", region, stories,
        lambda ready: aws.provider({"SKYCLUST_AWS_ENDPOINT": ready["aws"]["endpoint"]}),
        lambda ready: {name: ready["aws"][name] for name in ("access_key", "secret_key")},
    )  # fmt: skip


def _gcp() -> Place:
    region = "asia-northeast3"
    pool = NodePoolSpec("default", "e2-standard-2", 3)
    cluster = ClusterSpec("shop", region, "1.33", network=network("shop-net", region), node_pools=(pool,))
    autopilot = replace(cluster, mode="autopilot", node_pools=())
    stories = (
        regrouped("network", network("net", region)),
        grown("cluster", cluster),
        Story("autopilot", autopilot, replace(autopilot, options={"authorized_networks": ["192.0.2.0/24"]})),
        grown("existing", replace(cluster, network=None), in_existing=network("net", region)),
    )
    return Place(
        "gcp", region, stories,
        lambda ready: gcp.provider(
            {"SKYCLUST_GCP_ENDPOINT": ready["gcp"]["endpoint"], "SKYCLUST_GCP_TOKEN_URI": ready["gcp"]["token_uri"]}
        ),
        lambda ready: json.loads(Path(ready["gcp"]["service_account_file"]).read_text()),
    )  # fmt: skip


def _azure() -> Place:
    region = "koreacentral"
    pool = NodePoolSpec("default", "Standard_D2s_v5", 2)
    cluster = ClusterSpec("shop", region, "1.33", network=network("shop-net", region), node_pools=(pool,))
    stories = (
        regrouped("network", network("net", region)),
        grown("cluster", cluster),
        grown("existing", replace(cluster, network=None), in_existing=network("net", region)),
    )
    return Place(
        "azure", region, stories,
        lambda ready: azure.provider(
            {f"SKYCLUST_AZURE_{name.upper()}": ready["azure"][name] for name in ("endpoint", "authority", "ca_file")}
        ),
        lambda ready: {
            name: ready["azure"][name] for name in ("subscription_id", "tenant_id", "client_id", "client_secret")
        },
    )  # fmt: skip


PLACES: Mapping[str, Place] = {place.provider: place for place in (_aws(), _azure(), _gcp())}
