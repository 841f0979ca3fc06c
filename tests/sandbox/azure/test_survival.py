"""What a killed sandbox must still know."""

import pytest

from cloud_sandboxes import OwnSandbox


@pytest.fixture
def private_sandbox(tmp_path):
    started = OwnSandbox(tmp_path / "data")
    yield started
    if started.process.poll() is None:
        started.close()


def test_a_killed_sandbox_comes_back_with_everything_it_answered(private_sandbox, own_azure):
    azure = own_azure(private_sandbox)
    azure.make_group()
    azure.make_cluster()
    azure.act("kubernetes_leftovers", cluster="one")
    azure.begin(azure.aks.managed_clusters.begin_create_or_update, "rg", "two", azure.cluster_body())
    resources, ready = azure.resources(), private_sandbox.ready
    cluster = azure.run(azure.aks.managed_clusters.get("rg", "one")).as_dict()
    token = azure.run(azure.login.get_token("https://management.azure.com/.default")).token
    azure.close()
    private_sandbox.kill()
    private_sandbox.start()
    azure = own_azure(private_sandbox)
    assert private_sandbox.ready == ready
    assert azure.resources() == resources
    assert azure.open(token)[0] == 200
    assert azure.run(azure.aks.managed_clusters.get("rg", "one")).as_dict() == cluster
    assert len(azure.nodes()) == 2
    azure.pass_time(900)
    assert azure.run(azure.aks.managed_clusters.get("rg", "two")).properties.provisioning_state == "Succeeded"
    azure.close()
