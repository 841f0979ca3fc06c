"""gcloud as a judge: it reads what SkyClust made, and SkyClust takes over what gcloud made."""

import asyncio

import pytest

from gcloud_shell import GcloudShell, installed_gcloud
from imports_judged import left_after_import
from skyclust.contract.specs import NodePoolSpec
from skyclust.provisioning.rows import OperationState

REGION = "asia-northeast3"
pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def gcloud(fast, tmp_path):
    return GcloudShell(installed_gcloud(), fast.ready["gcp"], tmp_path)


def test_gcloud_lists_and_describes_what_skyclust_made(gcloud, stack, make_cluster):
    pools = (NodePoolSpec("main", "e2-standard-2", 3), NodePoolSpec("cheap", "e2-standard-4", 1, spot=True))
    graph = stack.provider.cluster_blueprint(make_cluster(node_pools=pools))
    assert asyncio.run(stack.apply(graph)).state is OperationState.SUCCEEDED
    [network] = gcloud("compute networks list")
    [subnet] = gcloud(f"compute networks subnets list --network {network['name']}")
    [router] = gcloud("compute routers list")
    [nat] = gcloud(f"compute routers nats list --router {router['name']} --region {REGION}")
    [cluster] = gcloud("container clusters list")
    named = f"--cluster {cluster['name']} --region {REGION}"
    listed = gcloud(f"container node-pools list {named}")
    assert cluster["network"] == network["name"]
    assert (cluster["subnetwork"], cluster["status"], cluster["location"]) == (subnet["name"], "RUNNING", REGION)
    assert (subnet["region"].rpartition("/")[2], bool(nat["name"])) == (REGION, True)
    assert {pool["name"]: (pool["config"].get("spot", False), pool["initialNodeCount"]) for pool in listed} == {
        "main": (False, 1), "cheap": (True, 1),
    }  # fmt: skip
    assert cluster["currentNodeCount"] == 4  # three, and one in one of the zones
    assert "already being used by" in gcloud.refused(f"compute networks delete {network['name']}")


def test_skyclust_takes_over_what_gcloud_made_and_gcloud_changes_and_deletes_it(gcloud, fast):
    where = f"--region {REGION}"
    gcloud("compute networks create one --subnet-mode custom")
    ranges = "--range 10.0.0.0/20 --secondary-range pods=10.4.0.0/14,services=10.0.32.0/20"
    gcloud(f"compute networks subnets create inner --network one {where} {ranges}")
    gcloud("compute firewall-rules create ssh --network one --allow tcp:22,icmp --source-ranges 10.0.0.0/8")
    use = "--cluster-secondary-range-name pods --services-secondary-range-name services --enable-ip-alias"
    gcloud(f"container clusters create first {where} --network one --subnetwork inner --num-nodes 1 {use}")
    gcloud(f"container node-pools create more --cluster first {where} --num-nodes 1 --node-labels team=red --spot")

    named = f"projects/{fast.project}/locations/{REGION}/clusters/first"

    async def taken_over():
        session = fast.provider.connect(fast.credential, REGION)
        try:
            cluster = await fast.provider.import_cluster(session, named)
            network = await fast.provider.import_network(session, "one")
            return cluster, [await left_after_import(fast.provider, session, found) for found in (cluster, network)]
        finally:
            await session.close()

    cluster, left = asyncio.run(taken_over())
    pools = {pool.name: (pool.labels, pool.spot) for pool in cluster.spec.node_pools}
    assert (left, pools) == ([[], []], {"default-pool": ({}, False), "more": ({"team": "red"}, True)})

    gcloud(f"container clusters resize first {where} --node-pool more --num-nodes 2")
    [row] = [row for row in fast.resources() if row["name"] == "more"]
    assert row["kind"] == "node_pool"
    assert len([row for row in fast.resources() if row["kind"] == "instance"]) == 9
    gcloud("compute firewall-rules update ssh --source-ranges 10.1.0.0/16")
    assert gcloud("compute firewall-rules describe ssh")["sourceRanges"] == ["10.1.0.0/16"]
    gcloud(f"container node-pools delete more --cluster first {where}")
    gcloud(f"container clusters delete first {where}")
    for line in ("firewall-rules delete ssh", f"networks subnets delete inner {where}", "networks delete one"):
        gcloud(f"compute {line}")
    assert fast.resources() == []
