"""Who may not, what is wrong, what exists already: said before anything is written or made."""

import asyncio

import pytest

from building import PATH, cluster_body, on_site
from skyclust.providers.sim.faults import Fault, Mode
from tenancy import problem_kind

ID = "00000000-0000-7000-8000-000000000000"
HERE = f"{PATH}/one"
ROUTES = [
    ("GET", "/clusters"), ("POST", "/clusters"), ("GET", f"/clusters/{ID}"), ("PATCH", f"/clusters/{ID}"),
    ("DELETE", f"/clusters/{ID}"), ("POST", f"/clusters/{ID}/kube-token"),
    ("GET", PATH), ("POST", PATH), ("GET", HERE), ("PATCH", HERE), ("DELETE", HERE), ("GET", f"{HERE}/plan"),
    ("GET", f"{HERE}/kubeconfig"), ("POST", f"{HERE}/kube-token"),
    ("GET", f"{HERE}/node-pools"), ("POST", f"{HERE}/node-pools"), ("GET", f"{HERE}/node-pools/p"),
    ("PATCH", f"{HERE}/node-pools/p"), ("DELETE", f"{HERE}/nodepools/p"), ("PUT", f"{HERE}/node-groups/p/scale"),
    ("GET", f"{HERE}/nodes"), ("GET", f"{HERE}/nodes/n"), ("POST", f"{HERE}/nodes/n/cordon"),
    ("POST", f"{HERE}/nodes/n/uncordon"), ("POST", f"{HERE}/nodes/n/drain"),
    ("GET", f"{HERE}/namespaces"), ("GET", f"{HERE}/workloads"), ("GET", f"{HERE}/events"), ("GET", f"{HERE}/pods"),
    ("GET", f"{HERE}/pods/a/b/log"),
    ("GET", "/networks"), ("POST", "/networks"), ("GET", f"/networks/{ID}"),
    ("GET", "/sim/network/vpcs"), ("POST", "/sim/network/vpcs"), ("GET", "/sim/network/vpcs/n"),
    ("PATCH", "/sim/network/vpcs/n"), ("DELETE", "/sim/network/vpcs/n"), ("GET", "/sim/network/vpcs/n:deletion-plan"),
    ("GET", "/sim/network/subnets"), ("POST", "/sim/network/subnets"), ("GET", "/sim/network/subnets/s"),
    ("PATCH", "/sim/network/subnets/s"), ("DELETE", "/sim/network/subnets/s"),
    ("GET", "/sim/network/security-groups"), ("POST", "/sim/network/firewall-rules"),
    ("DELETE", "/sim/network/security-groups/g"), ("POST", "/sim/network/security-groups/g/rules"),
    ("DELETE", f"/sim/network/security-groups/g/rules/{ID}"),
    ("GET", "/providers"), ("GET", "/sim/kubernetes/metadata/regions"),
]  # fmt: skip


def test_anonymous_is_401_everywhere(postgres):
    async def scenario(site):
        return [await site.house.anonymous.request(method, path, json={}) for method, path in ROUTES]

    for response in on_site(postgres, scenario):
        assert response.status_code == 401, (response.request.method, response.request.url, response.text)


def test_a_viewer_reads_and_does_nothing_else(postgres):
    async def scenario(site):
        vic = site.vic.client
        await site.create()
        await site.create_network()
        assert (await vic.get("/clusters")).json()["items"][0]["name"] == "one"
        assert (await vic.get(f"{HERE}/node-pools")).status_code == 200
        assert len((await vic.get("/networks")).json()["items"]) == 2
        credential = str(site.credential)
        vpc = {"credential_id": credential, "name": "n", "region": "sim-east-1"}
        subnet = {"vpc_id": "net", "name": "a", "cidr_block": "10.7.1.0/24"}
        denied = [
            ("POST", PATH, cluster_body(credential, "two"), "credentials.use"),
            ("DELETE", HERE, None, "clusters.delete"),
            ("DELETE", f"{HERE}?dry_run=true", None, "clusters.delete"),
            ("PATCH", HERE, {"version": "1.34"}, "clusters.update"),
            ("GET", f"{HERE}/kubeconfig", None, "clusters.kubeconfig"),
            ("POST", f"{HERE}/kube-token", None, "clusters.kubeconfig"),
            ("PUT", f"{HERE}/node-pools/default/scale", {"node_count": 1}, "clusters.update"),
            ("POST", f"{HERE}/nodes/n/cordon", None, "clusters.update"),
            ("POST", f"{HERE}/nodes/n/drain?dry_run=true", None, "clusters.update"),
            ("GET", f"{HERE}/pods/a/b/log", None, "clusters.kubeconfig"),
            ("POST", "/sim/network/vpcs", vpc, "credentials.use"),
            ("DELETE", "/sim/network/vpcs/net", None, "networks.delete"),
            ("POST", "/sim/network/subnets", subnet, "networks.update"),
        ]
        for method, path, body, permission in denied:
            response = await vic.request(method, path, json=body)
            assert response.status_code == 403, (method, path, response.text)
            assert response.json()["missing_permission"] == permission, path

    on_site(postgres, scenario)


def test_another_tenants_things_do_not_exist(postgres):
    async def scenario(site):
        eve = site.eve.client
        made = await site.create()
        await site.create_network()
        cluster = made["target"]["id"]
        [*_, network] = (await site.ada.client.get("/networks")).json()["items"]
        assert (await eve.get("/clusters")).json()["items"] == []
        assert (await eve.get("/networks")).json()["items"] == []
        body = cluster_body(site.credential, "mine")
        foreign = [
            ("POST", PATH, body),
            ("POST", f"{PATH}?dry_run=true", body),
            ("GET", f"/clusters/{cluster}", None),
            ("GET", HERE, None),
            ("DELETE", f"{PATH}/{cluster}", None),
            ("GET", f"{HERE}/kubeconfig", None),
            ("GET", f"/networks/{network['id']}", None),
            ("DELETE", f"/sim/network/vpcs/{network['id']}", None),
            ("GET", f"/sim/network/vpcs/{network['id']}:deletion-plan", None),
            ("POST", "/sim/network/subnets", {"vpc_id": network["id"], "name": "a", "cidr_block": "10.7.1.0/24"}),
            ("POST", PATH, cluster_body(site.other_credential, "x", network={"vpc_id": network["id"]})),
            ("POST", PATH, cluster_body(site.other_credential, "x", workspace_id=str(site.workspace))),
        ]
        for method, path, sent in foreign:
            response = await eve.request(method, path, json=sent)
            assert (response.status_code, problem_kind(response)) == (404, "not-found"), (method, path, response.text)
        assert len((await site.ada.client.get("/clusters")).json()["items"]) == 1

    on_site(postgres, scenario)


def test_one_key_gives_one_operation_also_when_asked_four_times_at_once(postgres):
    async def scenario(site):
        body, key = cluster_body(site.credential), {"Idempotency-Key": "k-1"}
        posts = [site.ada.client.post(PATH, json=body, headers=key) for _ in range(4)]
        answers = await asyncio.gather(*posts)
        assert {response.status_code for response in answers} == {202}, [response.text for response in answers]
        assert len({response.json()["id"] for response in answers}) == 1
        again = await site.ada.client.post(PATH, json=body, headers=key)
        assert again.json()["id"] == answers[0].json()["id"]
        other = await site.ada.client.post(PATH, json=body | {"name": "other"}, headers=key)
        assert (other.status_code, problem_kind(other)) == (422, "idempotency-key-reused")
        assert await site.house.scalar("SELECT count(*) FROM clusters") == 1
        assert await site.house.scalar("SELECT count(*) FROM operations") == 1

    on_site(postgres, scenario)


def test_one_name_gives_one_cluster_and_the_others_are_told_which(postgres):
    async def scenario(site):
        body = cluster_body(site.credential)
        answers = await asyncio.gather(*(site.ada.client.post(PATH, json=body) for _ in range(4)))
        assert sorted(response.status_code for response in answers) == [202, 409, 409, 409]
        made = next(response for response in answers if response.status_code == 202).json()
        for refused in answers:
            if refused.status_code == 409:
                existing = refused.json()["existing"]
                assert problem_kind(refused) == "name-exists"
                assert (existing["id"], existing["state"]) == (made["target"]["id"], "provisioning")
                assert existing["operation_id"] == made["id"]
        elsewhere = await site.ada.client.post(PATH, json=body | {"region": "sim-west-1"})
        assert elsewhere.status_code == 202
        ambiguous = await site.ada.client.get(HERE)
        assert (ambiguous.status_code, problem_kind(ambiguous)) == (409, "ambiguous-name")
        assert {item["region"] for item in ambiguous.json()["candidates"]} == {"sim-east-1", "sim-west-1"}
        assert (await site.ada.client.get(f"{HERE}?region=sim-west-1")).json()["region"] == "sim-west-1"

    on_site(postgres, scenario)


BAD = {
    "an unknown field": ({"colour": "blue"}, "/colour"),
    "an unknown switch": ({"sim": {"colour": "blue"}}, "/sim/colour"),
    "another cloud's switches": ({"cumulus": {"x": 1}}, "/cumulus"),
    "a malformed CIDR": ({"network": {"cidr_block": "10.0.0.0/99"}}, "/network/cidr_block"),
    "bits right of the prefix": ({"network": {"cidr_block": "10.0.0.7/16"}}, "/network/cidr_block"),
    "a network too small": ({"network": {"cidr_block": "10.0.0.0/26"}}, "/network/cidr_block"),
    "both sorts of network": ({"network": {"cidr_block": "10.0.0.0/16", "vpc_id": "v"}}, "/network"),
    "subnets of nothing": ({"network": {"subnet_ids": ["s"]}}, "/network"),
    "an unknown region": ({"region": "sim-east-9"}, "/region"),
    "an unknown version": ({"version": "1.5"}, "/version"),
    "an unknown mode": ({"mode": "magic"}, "/mode"),
    "a name the cloud forbids": ({"name": "One_Two"}, "/name"),
    "an unknown machine type": ({"node_pool": {"machine_type": "smal"}}, "/node_pool/machine_type"),
    "no machine type": ({"node_pool": {}}, "/node_pool/machine_type"),
    "bounds the wrong way round": (
        {"node_pool": {"machine_type": "small", "auto_scaling": {"min": 3, "max": 1}}}, "/node_pool/auto_scaling"),
    "a size outside the bounds": (
        {"node_pool": {"machine_type": "small", "node_count": 9, "auto_scaling": {"min": 1, "max": 3}}},
        "/node_pool/node_count"),
    "too many nodes": ({"node_pool": {"machine_type": "small", "node_count": 10**6}}, "/node_pool/node_count"),
    "two pools of one name": (
        {"node_pool": None, "node_pools": [{"machine_type": "small"}, {"machine_type": "small"}]},
        "/node_pools/1/name"),
    "one pool and several": ({"node_pools": [{"machine_type": "small", "name": "b"}]}, "/node_pool"),
}  # fmt: skip


@pytest.mark.parametrize("unified", [False, True], ids=["flat", "unified"])
def test_bad_input_names_the_field_as_it_was_written_and_the_remedy(postgres, unified):
    async def scenario(site):
        for name, (change, pointer) in BAD.items():
            body, path, expected = cluster_body(site.credential) | change, PATH, pointer
            if unified:
                inside = {key: body.pop(key) for key in ("name", "region", "version", "mode") if key in body}
                body, path = {"provider": "sim", "cluster": inside} | body, "/clusters"
                expected = f"/cluster{pointer}" if pointer[1:] in inside else pointer
            response = await site.ada.client.post(path, json=body)
            assert response.status_code == 422, (name, response.text)
            errors = response.json()["errors"]
            assert any(error["pointer"].startswith(expected) for error in errors), (name, errors)
            assert all(len(error["detail"]) >= 14 for error in errors), (name, errors)
        assert await site.house.scalar("SELECT count(*) FROM clusters") == 0
        assert not site.world.resources()

    on_site(postgres, scenario)


def test_a_misspelt_region_gets_the_nearest_ones(postgres):
    async def scenario(site):
        response = await site.ada.client.post(PATH, json=cluster_body(site.credential, region="sim-east-2"))
        assert "sim-east-1" in response.json()["errors"][0]["detail"]
        nowhere = await site.ada.client.post("/nimbus/kubernetes/clusters", json=cluster_body(site.credential))
        assert (nowhere.status_code, problem_kind(nowhere)) == (404, "unknown-provider")

    on_site(postgres, scenario)


def test_a_quota_that_will_not_suffice_is_found_by_the_plan_and_nothing_is_made(postgres):
    async def scenario(site):
        site.world.limits = {"network": 0}
        body = cluster_body(site.credential)
        plan = (await site.ada.client.post(f"{PATH}?dry_run=true", json=body)).json()
        assert not plan["ok"]
        assert plan["findings"][0]["severity"] == "error"
        refused = await site.ada.client.post(PATH, json=body)
        assert (refused.status_code, problem_kind(refused)) == (422, "preflight-failed")
        assert await site.house.scalar("SELECT count(*) FROM operations") == 0

    on_site(postgres, scenario)


CLOUD_SAYS = {
    Mode.REVOKED: (422, "credential-refused"),
    Mode.DENIED: (422, "permission-denied"),
    Mode.THROTTLE: (503, "cloud-unavailable"),
    Mode.ERROR_BEFORE: (503, "cloud-unavailable"),
}


def test_what_the_cloud_refuses_before_the_plan_names_the_call(postgres):
    async def scenario(site):
        for mode, expected in CLOUD_SAYS.items():
            site.faults.add("read.quota", Fault(mode, 7.0))
            response = await site.ada.client.post(PATH, json=cluster_body(site.credential))
            assert (response.status_code, problem_kind(response)) == expected, response.text
            assert response.json()["refused_call"] == "read.quota"
            assert ("retry-after" in response.headers) is (expected[0] == 503)

    on_site(postgres, scenario)


def test_a_plan_that_is_not_the_one_that_was_shown_is_not_applied(postgres):
    async def scenario(site):
        body = cluster_body(site.credential)
        plan = (await site.ada.client.post(f"{PATH}?dry_run=true", json=body)).json()
        bigger = cluster_body(site.credential) | {"node_pool": {"machine_type": "large", "node_count": 2}}
        changed = await site.ada.client.post(PATH, json=bigger | {"plan_digest": plan["digest"]})
        assert (changed.status_code, problem_kind(changed)) == (409, "plan-changed")
        both = await site.ada.client.post(
            PATH, json=body | {"plan_digest": plan["digest"]}, headers={"X-Plan-Digest": "other"}
        )
        assert both.status_code == 422
        right = await site.ada.client.post(PATH, json=body, headers={"X-Plan-Digest": plan["digest"]})
        assert right.status_code == 202
        gone = await site.ada.client.delete(f"{HERE}?plan_digest=other")
        assert gone.status_code == 409

    on_site(postgres, scenario)


def test_lists_are_filtered_and_paged(postgres):
    async def scenario(site):
        ada = site.ada.client
        for name in ("aa", "bb", "cc"):
            await site.create(name)
        page = (await ada.get("/clusters?limit=2")).json()
        assert [item["name"] for item in page["items"]] == ["aa", "bb"]
        rest = (await ada.get(f"/clusters?limit=2&cursor={page['next_cursor']}")).json()
        assert ([item["name"] for item in rest["items"]], rest["next_cursor"]) == (["cc"], None)
        assert [item["name"] for item in (await ada.get("/clusters?name=bb")).json()["items"]] == ["bb"]
        assert (await ada.get("/clusters?state=ready")).json()["items"] == []
        moving = (await ada.get(f"{PATH}?state=provisioning&limit=2")).json()
        assert [item["name"] for item in moving["items"]] == ["aa", "bb"]
        last = (await ada.get(f"{PATH}?state=provisioning&limit=2&cursor={moving['next_cursor']}")).json()
        assert ([item["name"] for item in last["items"]], last["next_cursor"]) == (["cc"], None)
        assert (await ada.get("/clusters?state=odd")).status_code == 422
        assert (await ada.get("/clusters?cursor=odd")).status_code == 422
        blocks = {item["network"]["cidr_block"] for item in (await ada.get("/clusters")).json()["items"]}
        assert blocks == {"10.0.0.0/16", "10.1.0.0/16", "10.2.0.0/16"}

    on_site(postgres, scenario)
