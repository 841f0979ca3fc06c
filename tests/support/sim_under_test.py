"""The simulated cloud as the suite wants it: the world outside its API, and what to ask for.

Used by the provider's own conformance test, and by the tests that the suite bites.
"""

from random import Random

from skyclust.contract.conformance import CloudResource, CloudUnderTest, Fault
from skyclust.contract.specs import ClusterSpec, NetworkSpec, NodePoolSpec
from skyclust.providers.sim.cloud import Sim
from skyclust.providers.sim.faults import Fault as SimFault
from skyclust.providers.sim.faults import Mode, Script
from skyclust.providers.sim.world import SimWorld, Wanted

REGION = "sim-east-1"


class SimOutside:
    """`OutsideWorld` on the sim's own books; its clock stands still unless moved."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.script = Script()
        self.world = SimWorld(lambda: self.seconds, Random(7), faults=self.script, latency=0.001)

    def reset(self) -> None:
        self.world.books.clear()
        self.heal()

    def resources(self) -> tuple[CloudResource, ...]:
        return tuple(CloudResource(item.kind, item.id, item.name, item.tags) for item in self.world.resources())

    def pass_time(self, seconds: float) -> None:
        self.seconds += seconds

    def fail_next_create(self, fault: Fault, *, seconds: float = 0.0) -> None:
        self.script.add("create.", SimFault(Mode(fault.value), seconds or 1.0))

    def fail_next_call(self, fault: Fault, *, seconds: float = 0.0) -> None:
        self.script.add("", SimFault(Mode(fault.value), seconds or 1.0))

    def heal(self) -> None:
        self.script.waiting.clear()

    def calls(self) -> int:
        return self.world.calls

    def plant_decoys(self) -> frozenset[str]:
        network = self._plant("network", frozenset())
        subnet = self._plant("subnet", frozenset({network}))
        return frozenset({network, subnet, self._plant("role", frozenset())})

    def plant_foreign(self, network_id: str) -> str:
        subnet = next(item for item in self.world.resources() if item.kind == "subnet" and network_id in item.uses)
        return self._plant("machine", frozenset({subnet.id}))

    def crowd(self, network_id: str) -> frozenset[str]:
        return frozenset(self.plant_foreign(network_id) for _ in range(45))

    def remove(self, ids: frozenset[str]) -> None:
        for item in ids:
            self.world.remove(item)

    def leave_kubernetes_leftovers(self, cluster: str) -> frozenset[str]:
        living = next(item for item in self.world.resources() if item.kind == "cluster" and item.name == cluster)
        network = frozenset(item for item in living.uses if item.startswith("network"))
        subnets = frozenset(item for item in living.uses if item.startswith("subnet"))
        tags = {f"kubernetes.io/cluster/{cluster}": "owned"}
        group = self.world.enter(Wanted("firewall", REGION, "k8s-web", {}, network), tags)
        balancer = self.world.enter(Wanted("load_balancer", REGION, "k8s-web", {}, subnets | {group.id}), tags)
        return frozenset({group.id, balancer.id})

    def _plant(self, kind: str, uses: frozenset[str]) -> str:
        return self.world.enter(Wanted(kind, REGION, "somebody-elses", {}, uses), {"owner": "somebody"}).id


def sim_under_test(provider: type[Sim] = Sim) -> CloudUnderTest:
    """A fresh cloud; `provider` is for tests that break one."""
    outside = SimOutside()
    network = NetworkSpec("net", REGION, "10.0.0.0/16")
    pool = NodePoolSpec("default", "small", 2)
    standard = ClusterSpec("one", REGION, "1.33", network=network, node_pools=(pool,))
    serverless = ClusterSpec("two", REGION, "1.34", mode="serverless", network=network)
    return CloudUnderTest(
        provider=provider(outside.world),
        credential={"key": "sim-key"},
        wrong_credential={"key": "guessed-key"},
        region=REGION,
        network=network,
        clusters={"standard": standard, "serverless": serverless},
        world=outside,
    )
