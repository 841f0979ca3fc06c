"""A site whose cloud holds what somebody made by hand: a network, its subnets, a role, a cluster with a pool."""

from dataclasses import dataclass

from building import REGION, Site, on_site
from skyclust.providers.sim.world import Wanted

CLUSTERS = "/sim/kubernetes/clusters"
VPCS = "/sim/network/vpcs"


@dataclass
class Found:
    """Ids of what was made by hand."""

    site: Site
    network: str
    subnet: str
    role: str
    cluster: str
    pool: str

    @property
    def all(self):
        return {self.network, self.subnet, self.role, self.cluster, self.pool}

    def tags(self, *ids):
        return [self.site.world.books[item].tags.get("skyclust:resource") for item in ids or sorted(self.all)]

    def body(self, name="legacy", **more):
        return {"credential_id": str(self.site.credential), "region": REGION, "name": name} | more

    async def imported(self, *, managed, path=CLUSTERS, name="legacy"):
        body = self.body(name, managed=managed)
        answer = await self.site.ada.client.post(f"{path}:import", json=body)
        assert answer.status_code == 202, answer.text
        await self.site.succeeded(answer.json())
        return (await self.site.ada.client.get(f"{path}/{name}")).json()

    async def done(self, method, path, json=None):
        answer = await self.site.ada.client.request(method, path, json=json)
        assert answer.status_code == 202, answer.text
        return await self.site.succeeded(answer.json())


def enter(site, kind, name, fields, *uses, tags=None):
    return site.world.enter(Wanted(kind, REGION, name, fields, frozenset(uses)), tags or {}).id


def cluster_by_hand(site, name="legacy", **fields):
    network = enter(site, "network", f"{name}-net", {"cidr_block": "10.40.0.0/16", "dns": True})
    subnet = enter(site, "subnet", f"{name}-a", {"cidr_block": "10.40.0.0/20", "zone": "sim-east-1a"}, network)
    role = enter(site, "role", f"{name}-role", {})
    cluster = enter(
        site, "cluster", name, {"version": "1.33", "mode": "standard"} | fields, network, subnet, role
    )  # fmt: skip
    shape = {"machine_type": "small", "node_count": 2, "labels": {}, "auto_scaling": None}
    pool = enter(site, "node_pool", "workers", shape, cluster)
    return Found(site, network, subnet, role, cluster, pool)


def on_old_ground(postgres, scenario):
    """`scenario(site, found)` on a site whose cloud holds a cluster made by hand."""
    return on_site(postgres, lambda site: scenario(site, cluster_by_hand(site)))
