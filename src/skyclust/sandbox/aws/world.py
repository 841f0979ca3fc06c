"""The independent truth about the simulated AWS. Called by the control API; reads state, never the wire.

Invariant: lists everything a customer could be billed for or tripped up by, and nothing AWS makes by itself (main route
tables, default security groups, service-linked roles).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from skyclust.sandbox.aws import peerings
from skyclust.sandbox.aws.cloud import AwsCloud
from skyclust.sandbox.aws.networks import groups, instances, subnets

Row = dict[str, Any]


class AwsWorld:
    provider = "aws"

    def __init__(self, cloud: AwsCloud) -> None:
        self.cloud = cloud

    def act(self, action: str, body: dict[str, Any]) -> dict[str, Any]:
        return self.cloud.act(action, body)

    def reset(self) -> None:
        self.cloud.reset()

    def resources(self) -> list[Row]:
        with self.cloud.lock:
            now = self.cloud.kernel.clock.now()
            self.cloud.agenda.settle(now, self.cloud.moto.seed)
            rows = [row for region in self.cloud.moto.regions() for row in self._region(region)]
            return [*rows, *self._roles(), *self._clusters()]

    def _row(
        self, kind: str, item_id: str, name: str, region: str, tags: dict[str, str], parent: str, state: str
    ) -> Row:
        born: datetime | None = self.cloud.lag.born_at(item_id)
        return {
            "provider": "aws", "kind": kind, "id": item_id, "name": name or tags.get("Name", ""), "region": region,
            "tags": tags, "parent": parent, "state": state, "created_at": born.isoformat() if born else None,
            "decoy": tags.get("sandbox:decoy") == "true",
        }  # fmt: skip

    def _region(self, region: str) -> Iterator[Row]:
        backend = self.cloud.moto.ec2(region)
        found: list[tuple[str, Any, str, str, str]] = []
        found += [("vpc", item, "", "", item.state) for item in backend.vpcs.values()]
        found += [("subnet", item, "", item.vpc_id, item.state) for item in subnets(backend)]
        found += [
            ("internet_gateway", item, "", item.vpc.id if item.vpc else "", "available")
            for item in backend.internet_gateways.values()
        ]
        found += [
            ("nat_gateway", item, "", item.subnet_id, item.state)
            for item in backend.nat_gateways.values() if item.state != "deleted"
        ]  # fmt: skip
        found += [
            ("address", item, item.public_ip, item.network_interface_id, "allocated") for item in backend.addresses
        ]
        found += [
            ("route_table", item, "", item.vpc_id, "available")
            for item in backend.route_tables.values() if item.main_association_id is None
        ]  # fmt: skip
        found += [
            ("security_group", item, item.name, item.vpc_id, "available")
            for item in groups(backend) if item.name != "default"
        ]  # fmt: skip
        found += [
            ("network_interface", item, item.description, item.subnet_id, item.status) for item in backend.enis.values()
        ]
        found += [
            ("instance", item, "", item.subnet_id or "", item.state)
            for item in instances(backend) if item.state != "terminated"
        ]  # fmt: skip
        found += [
            ("vpc_peering", item, "", item.vpc.id, item.status["Code"])
            for item in peerings.living(backend) if item.vpc.region == region
        ]  # fmt: skip
        found += [("volume", item, "", "", item.status) for item in backend.volumes.values()]
        for kind, item, name, parent, state in found:
            yield self._row(kind, item.id, name, region, dict(backend.tags.get(item.id, {})), parent, state)
        for balancer in self.cloud.moto.load_balancers(region).load_balancers.values():
            tags = dict(self.cloud.moto.load_balancers(region).tagging_service.get_tag_dict_for_resource(balancer.arn))
            yield self._row("load_balancer", balancer.arn, balancer.name, region, tags, balancer.vpc_id, balancer.state)

    def _roles(self) -> Iterator[Row]:
        iam = self.cloud.moto.iam()
        for role in iam.roles.values():
            if not role.path.startswith("/aws-service-role/"):
                tags = {
                    key: tag["Value"] if isinstance(tag, dict) else tag for key, tag in dict(role.tags or {}).items()
                }
                tags = {
                    (tag["Key"] if isinstance(tag, dict) else key): tags[key]
                    for key, tag in dict(role.tags or {}).items()
                }
                yield self._row("role", role.name, role.name, "", tags, "", "available")
        for profile in iam.instance_profiles.values():
            yield self._row("instance_profile", profile.name, profile.name, "", {}, "", "available")
        for provider in iam.open_id_providers.values():
            yield self._row("oidc_provider", provider.arn, provider.url, "", {}, "", "available")

    def _clusters(self) -> Iterator[Row]:
        for cluster in self.cloud.eks.clusters.values():
            document, name, region = cluster.document, cluster.name, cluster.region
            parent = document["resourcesVpcConfig"]["vpcId"]
            yield self._row("cluster", name, name, region, document["tags"], parent, document["status"])
            below = (
                ("node_group", cluster.node_groups),
                ("fargate_profile", cluster.fargate_profiles),
                ("addon", cluster.addons),
                ("access_entry", cluster.access_entries),
            )
            for kind, items in below:
                for key, item in items.items():
                    state = item.get("status", "ACTIVE")
                    yield self._row(kind, f"{name}/{key}", key, region, item["tags"], name, state)
