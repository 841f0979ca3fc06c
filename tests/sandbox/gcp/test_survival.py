"""What a killed sandbox must still know."""

from pathlib import Path

REQUEST = "6f2f9b1e-3c0c-4d57-9d6b-0c6d1f0e8a11"


def test_a_killed_sandbox_comes_back_with_everything_it_answered(private_sandbox, on):
    sandbox, cloud = private_sandbox, on(private_sandbox)
    cloud.network()
    cloud.subnetwork()
    cloud.settled(cloud.create(cloud.spec()))
    sandbox.act("leave_leftovers", cluster="one")
    sandbox.act("plant_decoy", network="net")
    started = cloud.create(cloud.spec("two"))
    repeated = {
        "project": cloud.project,
        "body": {"name": "net-2", "autoCreateSubnetworks": False},
        "requestId": REQUEST,
    }
    first = cloud.compute.networks().insert(**repeated).execute()
    growing = cloud.pools.setSize(name=f"{cloud.name()}/nodePools/main", body={"nodeCount": 3}).execute()
    resources, cluster, ready = sandbox.resources(), cloud.cluster(), sandbox.ready
    key = Path(sandbox.gcp["service_account_file"]).read_text()
    sandbox.kill()
    sandbox.apis.clear()
    sandbox.start()
    token_from_before = cloud.compute._http.credentials.token
    cloud = on(sandbox)
    assert sandbox.ready == ready
    assert Path(sandbox.gcp["service_account_file"]).read_text() == key
    assert sandbox.resources() == resources
    assert cloud.cluster() == cluster
    assert cloud.compute.networks().insert(**repeated).execute()["name"] == first["name"]
    assert sandbox.open(token_from_before) == 200
    assert cloud.operation(started)["status"] in ("PENDING", "RUNNING")
    assert cloud.settled(started)["status"] == "DONE"
    assert cloud.cluster("two")["status"] == "RUNNING"
    assert cloud.operation(growing)["status"] == "DONE"
    assert cloud.cluster()["currentNodeCount"] == 3
