"""How far one EKS stack is above its critical path: what the cloud itself needs, however fast we are.

Two ways: the real engine in virtual time over many seeds, without noise; and the product through HTTP on the sandbox.
The path is computed from what the cloud really took in that very run, not from medians.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from benchmarks.figures import Figure, critical_path, median, overhead_percent, percentile
from benchmarks.options import Options
from benchmarks.product import Json, Product, data_folder, running
from benchmarks.simulated import make_stacks
from skyclust.sandbox.kernel.latency import Latencies

SEEDS = range(40)
AIM_PERCENT = 1.0
#: The sandbox's default seed: from it and a resource's key follows how long the resource takes.
SANDBOX_SEED = 0
#: Cloud seconds per real second in the whole product; a run takes three minutes.
SPEED = 5.0
CLUSTER = {
    "name": "measured",
    "region": "us-west-2",
    "network": {"cidr_block": "10.0.0.0/16", "zones": 2},
    "node_pool": {"name": "default", "machine_type": "t3.medium", "node_count": 3},
}


def in_virtual_time() -> Iterator[Figure]:
    """The engine alone: calls of 0.2 s, latencies scattered as the real clouds' are."""
    stacks = [make_stacks(1, seed)[0] for seed in SEEDS]
    over = [overhead_percent(stack.span_seconds, stack.chain.seconds) for stack in stacks]
    seconds = [stack.span_seconds - stack.chain.seconds for stack in stacks]
    path = median([stack.chain.seconds for stack in stacks])
    against = f"critical path of the same run, median {path:.0f} s; {len(stacks)} seeds, virtual time"
    yield Figure("one stack: overhead", median(over), "%", against, AIM_PERCENT)
    yield Figure("one stack: overhead, 90th percentile", percentile(over, 0.9), "%", against)
    yield Figure("one stack: overhead in cloud seconds", median(seconds), "s", against)


def through_http(speed: float) -> Iterator[Figure]:
    """The whole product: API, PostgreSQL, worker, AWS SDK, simulated EKS.

    Our own work (loading the SDK, calls, transactions) takes real time, which a clock that is N times faster shows N
    times larger: only speed 1, a quarter of an hour, tells what a real cloud would.
    """
    with data_folder() as folder, running(folder, speed=speed) as product:
        product.log_in()
        account = product.ready["sandbox"]["aws"]
        data = {key: account[key] for key in ("access_key", "secret_key", "region")}
        added = product.call("POST", "/credentials", {"name": "aws", "provider": "aws", "data": data})
        asked = product.call("POST", "/aws/kubernetes/clusters", CLUSTER | {"credential_id": added["id"]})
        operation = product.finished(asked, within_seconds=60 + 1500 / speed)
        durations = realised(product, operation["steps"])
    chain = critical_path(durations, {step["key"]: step["depends_on"] for step in operation["steps"]})
    span = speed * seconds_between(operation["created_at"], operation["ended_at"])
    for line in story(operation, durations, speed):
        print(f"    {line}")
    against = f"critical path {chain.seconds:.0f} s of the same run ({' > '.join(chain.keys)}), clock x{speed:g}"
    yield Figure("one EKS stack over HTTP: overhead", overhead_percent(span, chain.seconds), "%", against, AIM_PERCENT)
    yield Figure("one EKS stack over HTTP: overhead in cloud seconds", span - chain.seconds, "s", against)


def realised(product: Product, steps: list[Json]) -> Mapping[str, float]:
    """Cloud seconds that the sandbox took for each step: it draws them from its seed, the name and the resource."""
    latencies = Latencies(SANDBOX_SEED)
    listed = product.call("GET", "/clusters")["items"]
    cluster_key = next(item["endpoint"] for item in listed if item["name"] == CLUSTER["name"]).rpartition("/")[2]
    drawn = {
        "aws.ec2.vpc": ("aws.vpc.create", None),
        "aws.ec2.subnet": ("aws.subnet.create", None),
        "aws.ec2.nat_gateway": ("aws.nat_gateway.create", None),
        "aws.eks.cluster": ("aws.cluster.create", cluster_key),
        "aws.eks.nodegroup": ("aws.node_group.create", f"{cluster_key}/default"),
    }
    found = {}
    for step in steps:
        name, key = drawn.get(step["kind"], (None, None))
        found[step["key"]] = latencies.sample(name, key or step["external_id"]) if name else 0.0
    return found


def story(operation: Json, durations: Mapping[str, float], speed: float) -> Iterator[str]:
    """When each step began and ended, in cloud seconds, and what of it was the cloud's."""
    for step in sorted(operation["steps"], key=lambda step: step["started_at"] or ""):
        begun, ended = (
            speed * seconds_between(operation["created_at"], step[end]) for end in ("started_at", "ended_at")
        )
        yield f"{begun:6.0f} to {ended:6.0f} s, {durations[step['key']]:4.0f} s in the cloud: {step['key']}"


def seconds_between(first: str, second: str) -> float:
    """Real seconds between two times of the API."""
    return (datetime.fromisoformat(second) - datetime.fromisoformat(first)).total_seconds()


def run(options: Options) -> Iterator[Figure]:
    """Both ways."""
    yield from in_virtual_time()
    yield from through_http(options.speed or SPEED)
