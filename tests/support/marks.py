"""A simulated cloud that imports: what is in its books is described in our words, and marks go on and off.

Each mark is one call that faults may strike ("mark.cluster", "unmark.node_pool").
"""

from dataclasses import dataclass, replace
from uuid import UUID

from skyclust.contract.errors import InvalidSpec, NameTaken
from skyclust.contract.imports import Existing, Imported
from skyclust.contract.resources import TAG_NAME, TAG_RESOURCE, TAG_STACK, Finding, Graph
from skyclust.contract.specs import (
    AutoScaling,
    ClusterSpec,
    FirewallRuleSpec,
    NetworkSpec,
    NodePoolSpec,
    SecurityGroupSpec,
    SubnetSpec,
)
from skyclust.contract.surveys import Ownership
from skyclust.providers.sim.cloud import Sim
from skyclust.providers.sim.sessions import ours

HANDLED = {
    "node_pool": ("machine_type", "node_count", "labels", "auto_scaling"),
    "cluster": ("version", "mode"),
    "network": ("cidr_block", "dns"),
}


@dataclass
class MarkingSim(Sim):
    def __post_init__(self):
        self.capabilities = self.capabilities | {"import"}

    def cluster_blueprint(self, spec):
        graph = super().cluster_blueprint(spec)
        if "_role" not in spec.options:
            return graph
        role = {"spec": {"name": ""}, "adopt_id": spec.options["_role"]}
        return Graph(tuple(replace(node, **role) if node.key == "role" else node for node in graph))

    def of_kind(self, kind, *, inside=None):
        found = [item for item in self.world.resources() if item.kind == kind]
        return [item for item in found if inside is None or inside in item.uses]

    async def existing(self, session):
        def seen():
            return [item for kind in ("cluster", "network") for item in self.of_kind(kind)]

        found = await ours(session).call("read.cluster", seen)
        return tuple(
            Existing(
                item.kind, item.name, item.id, item.region, str(item.fields.get("version", "")),
                str(item.fields.get("cidr_block", "")), _owner(item),
            )
            for item in found if item.region == session.region
        )  # fmt: skip

    async def import_cluster(self, session, external_id):
        return await ours(session).call("read.cluster", lambda: self._cluster(external_id))

    async def import_network(self, session, external_id):
        return await ours(session).call("read.network", lambda: self._network(external_id))

    def _cluster(self, external_id):
        item = self.world.books.get(external_id)
        if item is None or item.kind != "cluster":
            raise InvalidSpec(f"There is no cluster {external_id}.")
        used = {self.world.books[used].kind: used for used in item.uses}
        pools = self.of_kind("node_pool", inside=external_id)
        spec = ClusterSpec(
            item.name, item.region, item.fields["version"], item.fields["mode"], vpc_id=used["network"],
            subnet_ids=tuple(sorted(use for use in item.uses if self.world.books[use].kind == "subnet")),
            node_pools=tuple(_pool(pool) for pool in pools), options={"_role": used["role"]},
        )  # fmt: skip
        findings = [
            Finding("error", "", f"{item.name} keeps {name}, which no spec of ours can say.", "unsayable")
            for name in sorted(item.fields.keys() - set(HANDLED["cluster"]))
        ]
        return Imported(
            spec, {"cluster": item.id, **{f"node-pool/{pool.name}": pool.id for pool in pools}}, tuple(findings)
        )

    def _network(self, external_id):
        item = self.world.books[external_id]
        subnets = self.of_kind("subnet", inside=external_id)
        groups = self.of_kind("firewall", inside=external_id)
        spec = NetworkSpec(
            item.name, item.region, item.fields["cidr_block"], carve=False,
            subnets=tuple(SubnetSpec(one.name, one.fields["cidr_block"], one.fields["zone"]) for one in subnets),
            security_groups=tuple(
                SecurityGroupSpec(one.name, "", tuple(FirewallRuleSpec(**rule) for rule in one.fields["rules"]))
                for one in groups
            ),
        )  # fmt: skip
        ids = {"network": item.id} | {f"subnet/{one.name}": one.id for one in subnets}
        return Imported(spec, ids | {f"security-group/{one.name}": one.id for one in groups})

    async def mark(self, session, kind, external_id, spec, mark):
        def put():
            tags = self.world.books[external_id].tags
            if TAG_RESOURCE in tags and not mark.owns_tags(tags):
                raise NameTaken(f"{external_id} belongs to stack {tags[TAG_STACK]}. Release it there first.")
            tags.update(mark.tags())

        await ours(session).call(f"mark.{kind.removeprefix('sim.')}", put)

    async def unmark(self, session, kind, external_id, spec, mark):
        def take():
            tags = self.world.books[external_id].tags
            if mark.owns_tags(tags):
                for name in (TAG_RESOURCE, TAG_STACK, TAG_NAME):
                    tags.pop(name, None)

        await ours(session).call(f"unmark.{kind.removeprefix('sim.')}", take)


def _owner(item):
    mark = item.tags.get(TAG_RESOURCE)
    return Ownership(UUID(mark), UUID(item.tags[TAG_STACK]), f"tag {TAG_RESOURCE}={mark}") if mark else None


def _pool(item):
    scaling = item.fields["auto_scaling"]
    return NodePoolSpec(
        item.name, item.fields["machine_type"], item.fields["node_count"],
        AutoScaling(**scaling) if scaling else None, labels=item.fields["labels"],
    )  # fmt: skip
