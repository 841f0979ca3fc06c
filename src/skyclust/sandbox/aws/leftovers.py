"""Acts of the outside world in AWS: somebody deletes, changes or plants things; Kubernetes leaves things behind.

Called by the control API and by replay. Invariant: goes around every check, as another tool or a console would.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from skyclust.sandbox.aws.eks_clusters import unplug
from skyclust.sandbox.aws.eks_node_groups import remove_node_group, resize
from skyclust.sandbox.aws.moto_cloud import MotoCloud
from skyclust.sandbox.aws.networks import groups, instances, subnets
from skyclust.sandbox.aws.replies import Reply
from skyclust.sandbox.aws.requests import AwsRequest

if TYPE_CHECKING:
    from skyclust.sandbox.aws.cloud import AwsCloud

Action = Callable[["AwsCloud", dict[str, Any]], dict[str, Any]]


def _need(body: dict[str, Any], name: str) -> str:
    if not isinstance(body.get(name), str) or not body[name]:
        raise ValueError(f"Give {name!r}, a string.")
    return str(body[name])


def delete_resource(cloud: AwsCloud, body: dict[str, Any]) -> dict[str, Any]:
    """Remove {id} without asking what depends on it. EKS: 'cluster' or 'cluster/node group'."""
    wanted = _need(body, "id")
    for (_, name), cluster in list(cloud.eks.clusters.items()):
        if wanted in {name, cluster.document["arn"]}:
            for group in list(cluster.node_groups.values()):
                remove_node_group(cloud.eks, cluster, group)
            unplug(cloud.eks, cluster)
            return {"deleted": wanted}
        for group in list(cluster.node_groups.values()):
            if wanted in {f"{name}/{group['nodegroupName']}", group["nodegroupArn"]}:
                remove_node_group(cloud.eks, cluster, group)
                return {"deleted": wanted}
    for region in cloud.moto.regions():
        if _delete_from(cloud, region, wanted):
            return {"deleted": wanted}
    roles = cloud.moto.iam().roles
    for key, role in list(roles.items()):
        if wanted in {role.name, role.arn}:
            del roles[key]
            return {"deleted": wanted}
    raise KeyError(wanted)


def _delete_from(cloud: AwsCloud, region: str, wanted: str) -> bool:
    backend = cloud.moto.ec2(region)
    flat = [backend.vpcs, backend.internet_gateways, backend.nat_gateways, backend.route_tables, backend.enis]
    for holder in [
        *flat,
        *backend.subnets.values(),
        *backend.groups.values(),
        cloud.moto.load_balancers(region).load_balancers,
    ]:
        if wanted in holder:
            gone = holder.pop(wanted)
            if hasattr(gone, "_eni"):
                backend.enis.pop(gone._eni.id, None)
                for address in backend.addresses:
                    if address.eni is gone._eni:
                        backend.disassociate_address(address=address.public_ip)
            return True
    for address in backend.addresses:
        if address.allocation_id == wanted:
            backend.addresses.remove(address)
            return True
    if any(item.id == wanted for item in instances(backend)):
        backend.terminate_instances([wanted])
        return True
    return False


def set_field(cloud: AwsCloud, body: dict[str, Any]) -> dict[str, Any]:
    """Change {field} of {id} to {value}: tags of anything in EC2, or a member of a cluster's or pool's document."""
    wanted, field = _need(body, "id"), _need(body, "field")
    for (_, name), cluster in cloud.eks.clusters.items():
        if wanted == name:
            _assign(cluster.document, field, body.get("value"))
            return {"changed": wanted}
        for group in cluster.node_groups.values():
            if wanted == f"{name}/{group['nodegroupName']}":
                _assign(group, field, body.get("value"))
                resize(cloud.eks, cluster, group)
                return {"changed": wanted}
    for region in cloud.moto.regions():
        backend = cloud.moto.ec2(region)
        found = next((item for item in _things(backend) if item.id == wanted), None)
        if found is None:
            continue
        if field.startswith("tags."):
            backend.tags[wanted][field.removeprefix("tags.")] = body.get("value")
        elif hasattr(found, field):
            setattr(found, field, body.get("value"))
        else:
            raise ValueError(f"{wanted} has no field {field!r}; use 'tags.<key>' or one of {sorted(vars(found))}.")
        return {"changed": wanted}
    raise KeyError(wanted)


def _things(backend: Any) -> list[Any]:
    flat = [backend.vpcs, backend.internet_gateways, backend.nat_gateways, backend.route_tables, backend.enis]
    found = [item for holder in flat for item in holder.values()]
    return [*found, *subnets(backend), *groups(backend), *backend.addresses, *instances(backend)]


def _assign(document: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for parent in parents:
        document = document.setdefault(parent, {})
    document[last] = value


def _subnet(cloud: AwsCloud, body: dict[str, Any]) -> tuple[Any, Any]:
    for region in cloud.moto.regions():
        backend = cloud.moto.ec2(region)
        for subnet in subnets(backend):
            if body.get("subnet_id") == subnet.id or body.get("network_id") == subnet.vpc_id:
                return backend, subnet
    raise KeyError(f"{body.get('subnet_id') or body.get('network_id')}")


def plant_instance(cloud: AwsCloud, body: dict[str, Any]) -> dict[str, Any]:
    """A foreign virtual machine in {subnet_id} or in the first subnet of {network_id}."""
    backend, subnet = _subnet(cloud, body)
    tags = {"Name": "somebody-elses-machine", "sandbox:decoy": "true"}
    reservation = backend.run_instances(
        next(iter(backend.amis)), 1, None, [], subnet_id=subnet.id, instance_type="t3.micro",
        is_instance_type_default=False, region_name=backend.region_name, tags={"instance": tags, "volume": tags},
    )  # fmt: skip
    for interface in reservation.instances[0].nics.values():
        interface.status = "in-use"
        interface.delete_on_termination = True
    return {"id": reservation.instances[0].id}


def plant_decoys(cloud: AwsCloud, body: dict[str, Any]) -> dict[str, Any]:
    """Things that are not ours and must survive everything: a VPC with a subnet, an address, a group, a role."""
    backend = cloud.moto.ec2(str(body.get("region") or "us-east-1"))
    tags = {"Name": "decoy", "sandbox:decoy": "true"}
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    vpc = backend.create_vpc("10.200.0.0/16", tags=listed)
    subnet = backend.create_subnet(
        vpc.id, "10.200.1.0/24", availability_zone=f"{backend.region_name}a", tags={"subnet": tags}
    )
    address = backend.allocate_address("vpc", tags=tags)
    group = backend.create_security_group("decoy", "not ours", vpc.id, tags)
    return {"ids": [vpc.id, subnet.id, address.id, group.id]}


def kubernetes_leftovers(cloud: AwsCloud, body: dict[str, Any]) -> dict[str, Any]:
    """What controllers inside {cluster} leave: a load balancer, its interfaces and its security group."""
    wanted = _need(body, "cluster")
    cluster = next((item for item in cloud.eks.clusters.values() if item.name == wanted), None)
    if cluster is None:
        raise KeyError(wanted)
    backend = cloud.moto.ec2(cluster.region)
    network = cluster.document["resourcesVpcConfig"]
    tags = {
        f"kubernetes.io/cluster/{wanted}": "owned",
        "elbv2.k8s.aws/cluster": wanted,
        "ingress.k8s.aws/stack": "default/web",
    }
    count = len(cloud.moto.load_balancers(cluster.region).load_balancers)
    name = f"k8s-default-web-{cluster.key[-6:]}{count}"
    group = backend.create_security_group(name, "[k8s] Managed SecurityGroup for LoadBalancer", network["vpcId"], tags)
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    balancer = cloud.moto.load_balancers(cluster.region).create_load_balancer(
        name, [group.id], network["subnetIds"][:2], loadbalancer_type="application", tags=listed
    )
    made = []
    for subnet_id in network["subnetIds"][:2]:
        interface = backend.create_network_interface(
            backend.get_subnet(subnet_id),
            None,
            group_ids=[group.id],
            description=f"ELB app/{name}/{balancer.arn[-16:]}",
        )
        interface.status = "in-use"
        interface.requester_managed = True
        made.append(interface.id)
    return {"load_balancer": balancer.arn, "security_group": group.id, "interfaces": made}


def delete_load_balancer(moto: MotoCloud, request: AwsRequest) -> Reply:
    """As the API does it: the interfaces go with the load balancer, its security group stays."""
    _, _, path = str(request.parameters.get("LoadBalancerArn", "")).partition(":loadbalancer/")
    reply = moto.call(request)
    backend = moto.ec2(request.region)
    name = path.split("/")[1] if "/" in path else ""
    for interface in list(backend.enis.values()):
        if name and interface.description.startswith(f"ELB app/{name}/"):
            del backend.enis[interface.id]
    return reply


ACTIONS: dict[str, Action] = {
    "delete_resource": delete_resource,
    "set_field": set_field,
    "plant_instance": plant_instance,
    "plant_decoys": plant_decoys,
    "kubernetes_leftovers": kubernetes_leftovers,
}
