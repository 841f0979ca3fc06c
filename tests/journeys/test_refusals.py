"""What is wrong is said before anything is made: the field, and what to do instead."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from soak.killing.product import Refused
from up_fixtures import new_key

GOOD = {
    "name": "refused",
    "region": "us-west-2",
    "node_pool": {"name": "default", "machine_type": "t3.medium", "node_count": 2},
}
CLUSTERS = {provider: f"/{provider}/kubernetes/clusters" for provider in ("aws", "azure", "gcp")}
GCP = GOOD | {
    "region": "asia-northeast3",
    "node_pool": {"name": "default", "machine_type": "e2-standard-2", "node_count": 1},
}
AZURE = GOOD | {
    "region": "koreacentral",
    "node_pool": {"name": "default", "machine_type": "Standard_D2s_v5", "node_count": 1},
}
BODIES = {"aws": GOOD, "azure": AZURE, "gcp": GCP}

BAD = {
    "a malformed CIDR": ("aws", {"network": {"cidr_block": "10.0.0.0/99"}}, "/network/cidr_block"),
    "a CIDR that is no network address": ("aws", {"network": {"cidr_block": "10.0.0.7/16"}}, "/network/cidr_block"),
    "a network too small for its subnets": ("aws", {"network": {"cidr_block": "10.0.0.0/28"}}, "/network/cidr_block"),
    "an unknown region": ("aws", {"region": "us-west-9"}, "/region"),
    "an unknown version": ("aws", {"version": "1.5"}, "/version"),
    "an unknown machine type": ("aws", {"node_pool": {"machine_type": "t3.medum"}}, "/node_pool/machine_type"),
    "a name the cloud forbids": ("gcp", {"name": "Not_Allowed"}, "/name"),
    "an unknown field": ("aws", {"colour": "blue"}, "/colour"),
    "another cloud's switches": ("aws", {"gcp": {"workload_identity": True}}, "/gcp"),
    "bounds the wrong way round": (
        "aws",
        {"node_pool": {"machine_type": "t3.medium", "node_count": 3, "auto_scaling": {"min": 5, "max": 1}}},
        "/node_pool/auto_scaling",
    ),
    "an unknown GKE machine type": ("gcp", {"node_pool": {"machine_type": "e2-standart-2"}}, "/node_pool/machine_type"),
    "an unknown GKE region": ("gcp", {"region": "asia-northeast9"}, "/region"),
    "an unknown AKS machine type": ("azure", {"node_pool": {"machine_type": "Standard_D2"}}, "/node_pool/machine_type"),
    "a region without zones": ("azure", {"region": "westus"}, "/region"),
    "an unknown tier": ("azure", {"azure": {"tier": "Golden"}}, "/azure/tier"),
    "services inside the network": (
        "azure",
        {"network": {"cidr_block": "10.0.0.0/16"}, "azure": {"service_cidr": "10.0.8.0/22"}},
        "/azure/service_cidr",
    ),
    "an unknown release channel": ("gcp", {"gcp": {"release_channel": "weekly"}}, "/gcp/release_channel"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_names_the_field_and_the_remedy(up, name):
    provider, change, pointer = BAD[name]
    before = len(up.resources(provider))
    body = BODIES[provider] | change | {"credential_id": up.credential(provider)}
    with pytest.raises(Refused) as refused:
        up.call("POST", CLUSTERS[provider], body)
    assert refused.value.status == 422
    assert any(found.startswith(pointer) for found in refused.value.pointers), refused.value
    assert all(len(error["detail"]) > 20 for error in refused.value.problem["errors"])
    assert len(up.resources(provider)) == before


@pytest.mark.parametrize(
    ("provider", "change", "near"),
    [
        ("aws", {"region": "us-west-9"}, "us-west-2"),
        ("aws", {"node_pool": {"machine_type": "t3.medum"}}, "t3.medium"),
        ("azure", {"region": "koreacentrall"}, "koreacentral"),
        ("azure", {"node_pool": {"machine_type": "Standard_D2s_v55"}}, "Standard_D2s_v5"),
        ("gcp", {"region": "asia-northeast9"}, "asia-northeast3"),
        ("gcp", {"node_pool": {"machine_type": "e2-standart-2"}}, "e2-standard-2"),
    ],
)
def test_a_misspelling_gets_the_nearest_valid_word(up, provider, change, near):
    body = BODIES[provider] | change | {"credential_id": up.credential(provider)}
    with pytest.raises(Refused, match=near):
        up.call("POST", CLUSTERS[provider], body)


def test_a_wrong_credential_is_refused_naming_the_call(up):
    data = up.account("aws") | {"secret_key": "wrong" * 8}
    with pytest.raises(Refused) as refused:
        up.call("POST", "/credentials", {"name": "wrong", "provider": "aws", "data": data})
    assert refused.value.status == 422
    assert "GetCallerIdentity" in str(refused.value.problem)
    assert "wrongwrong" not in str(refused.value.problem)
    assert "wrong" not in {item["name"] for item in up.call("GET", "/credentials")["items"]}


def test_a_quota_that_will_not_suffice_is_found_by_the_plan(up):
    up.control(
        "POST",
        "faults",
        {"provider": "aws", "operation": "*", "mode": "quota", "params": {"quota": "vpcs", "value": 0}},
    )
    before = len(up.resources("aws"))
    body = GOOD | {"credential_id": up.credential("aws"), "name": "too-many"}
    plan = up.call("POST", f"{CLUSTERS['aws']}?dry_run=true", body)
    assert not plan["ok"]
    assert any("quota" in finding["message"].lower() for finding in plan["findings"]), plan["findings"]
    with pytest.raises(Refused):
        up.call("POST", CLUSTERS["aws"], body)
    assert len(up.resources("aws")) == before


def test_one_idempotency_key_gives_one_operation(up):
    body = GOOD | {"credential_id": up.credential("aws"), "name": "once"}
    key = {"idempotency-key": new_key()}
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: up.call("POST", CLUSTERS["aws"], body, headers=key), range(4)))
    assert len({answer["id"] for answer in answers}) == 1
    with pytest.raises(Refused) as refused:
        up.call("POST", CLUSTERS["aws"], body | {"name": "other"}, headers=key)
    assert refused.value.status == 422

    with pytest.raises(Refused, match="once") as taken:
        up.call("POST", CLUSTERS["aws"], body)
    assert taken.value.status == 409
    up.succeeded(answers[0])
    with pytest.raises(Refused, match="once") as taken:
        up.call("POST", CLUSTERS["aws"], body)
    assert taken.value.status == 409
    up.succeeded(up.call("DELETE", f"{CLUSTERS['aws']}/once"))


def test_nobody_gets_in_without_a_token(up):
    for route in ("/clusters", "/networks", "/credentials", "/operations", "/workspaces", "/audit-logs"):
        with pytest.raises(Refused) as refused:
            up.call("GET", route, token="")
        assert refused.value.status == 401
