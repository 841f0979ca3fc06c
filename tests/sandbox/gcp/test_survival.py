"""What a killed sandbox must still know."""

from pathlib import Path


def test_a_killed_sandbox_comes_back_with_everything_it_answered(private_sandbox, on):
    sandbox, cloud = private_sandbox, on(private_sandbox)
    cloud.network()
    cloud.subnetwork()
    cloud.settled(cloud.create(cloud.spec()))
    sandbox.act("leave_leftovers", cluster="one")
    sandbox.act("plant_decoy", network="net")
    started = cloud.create(cloud.spec("two"))
    resources, cluster, ready = sandbox.resources(), cloud.cluster(), sandbox.ready
    key = Path(sandbox.gcp["service_account_file"]).read_text()
    sandbox.kill()
    sandbox.apis.clear()
    sandbox.start()
    cloud = on(sandbox)
    assert sandbox.ready == ready
    assert Path(sandbox.gcp["service_account_file"]).read_text() == key
    assert sandbox.resources() == resources
    assert cloud.cluster() == cluster
    assert cloud.operation(started)["status"] in ("PENDING", "RUNNING")
    assert cloud.settled(started)["status"] == "DONE"
    assert cloud.cluster("two")["status"] == "RUNNING"


def test_a_token_and_a_request_id_outlive_a_kill(private_sandbox, on):
    sandbox, cloud = private_sandbox, on(private_sandbox)
    token = "6f2f9b1e-3c0c-4d57-9d6b-0c6d1f0e8a11"
    insert = {"project": cloud.project, "body": {"name": "net", "autoCreateSubnetworks": False}, "requestId": token}
    first = cloud.compute.networks().insert(**insert).execute()
    sandbox.kill()
    sandbox.start()
    again = cloud.compute.networks().insert(**insert).execute()
    assert again["name"] == first["name"]
    assert len(sandbox.resources("network")) == 1
