"""Networks through the HTTP door: made, shown, previewed, refused, deleted; subnets and security groups inside them."""

from building import PATH, cluster_body, on_site
from tenancy import problem_kind

VPCS = "/sim/network/vpcs"
SUBNETS = "/sim/network/subnets"
GROUPS = "/sim/network/security-groups"


async def made_network(site, **more):
    await site.succeeded(await site.create_network(**more))
    return (await site.ada.client.get(f"{VPCS}/net")).json()


def test_a_network_is_planned_made_shown_and_deleted(postgres):
    async def scenario(site):
        ada = site.ada.client
        body = {"provider": "sim", "credential_id": str(site.credential),
                "network": {"name": "net", "region": "sim-east-1", "carve": True}}  # fmt: skip
        plan = (await ada.post("/networks?dry_run=true", json=body)).json()
        assert plan["ok"], plan
        made = await ada.post("/networks", json=body, headers={"X-Plan-Digest": plan["digest"]})
        assert made.status_code == 202, made.text
        assert (await ada.get("/networks")).json()["items"][0]["state"] == "provisioning"
        await site.succeeded(made.json())
        network = (await ada.get(f"{VPCS}/net")).json()
        assert (network["state"], network["cidr_block"], network["owned_by"]) == ("ready", "10.0.0.0/16", None)
        assert len(network["subnet_ids"]) == 2
        assert network["cost"]["usd_per_month"] == plan["usd_per_month"]
        assert (await ada.get(f"{VPCS}/{network['id']}")).json() == network
        assert (await ada.get(f"{VPCS}/{network['vpc_id']}")).json() == network
        assert (await ada.get(f"/networks/{network['id']}")).json() == network
        subnets = (await ada.get(f"{SUBNETS}?vpc_id={network['vpc_id']}")).json()["items"]
        assert [subnet["external_id"] for subnet in subnets] == network["subnet_ids"]
        assert not subnets[0]["editable"]
        preview = (await ada.get(f"{VPCS}/{network['id']}:deletion-plan")).json()
        assert preview["ok"]
        assert {item["origin"] for item in preview["inventory"]} == {"ours"}
        gone = await ada.delete(f"{VPCS}/{network['id']}?plan_digest={preview['digest']}")
        assert gone.status_code == 202, gone.text
        await site.succeeded(gone.json())
        assert (await ada.get(f"{VPCS}/{network['id']}")).status_code == 404
        assert not site.world.resources()

    on_site(postgres, scenario)


def test_something_foreign_inside_blocks_deletion_by_name_before_anything_is_touched(postgres):
    async def scenario(site):
        ada = site.ada.client
        network = await made_network(site)
        before = (await ada.get(f"{VPCS}/net:deletion-plan")).json()
        site.plant("machine", "theirs", network["vpc_id"])
        count = len(site.world.resources())
        preview = (await ada.get(f"{VPCS}/net:deletion-plan")).json()
        assert not preview["ok"]
        assert preview["digest"] != before["digest"]
        foreign = [item for item in preview["inventory"] if item["origin"] == "foreign"]
        assert [item["name"] for item in foreign] == ["theirs"]
        refused = await ada.delete(f"{VPCS}/net")
        assert (refused.status_code, problem_kind(refused)) == (409, "network-not-empty")
        assert refused.json()["blockers"][0]["external_id"] == foreign[0]["external_id"]
        assert "theirs" in refused.json()["detail"]
        assert len(site.world.resources()) == count
        assert (await ada.get(f"{VPCS}/net")).json()["state"] == "ready"
        site.world.remove(foreign[0]["external_id"])
        stale = await ada.delete(f"{VPCS}/net?plan_digest={preview['digest']}")
        assert (stale.status_code, problem_kind(stale)) == (409, "plan-changed")
        assert (await ada.delete(f"{VPCS}/net?plan_digest={before['digest']}")).status_code == 202

    on_site(postgres, scenario)


def test_a_network_goes_after_its_clusters_with_what_kubernetes_left(postgres):
    async def scenario(site):
        ada = site.ada.client
        network = await made_network(site, carve=True)
        body = cluster_body(site.credential, network={"vpc_id": network["id"]})
        digests = set()
        for name in (network["id"], network["vpc_id"], "net"):
            same = cluster_body(site.credential, network={"vpc_id": name})
            digests.add((await ada.post(f"{PATH}?dry_run=true", json=same)).json()["digest"])
        assert len(digests) == 1, "our id, the cloud's id and the name mean one network"
        made = await ada.post(PATH, json=body)
        assert made.status_code == 202, made.text
        used = await ada.delete(f"{VPCS}/net")
        assert (used.status_code, problem_kind(used)) == (409, "network-in-use")
        assert used.json()["clusters"][0]["name"] == "one"
        await site.succeeded(made.json())
        cluster = (await ada.get(f"{PATH}/one")).json()
        assert cluster["network"]["vpc_id"] == network["vpc_id"]
        assert not cluster["network"]["own"]
        assert set(cluster["network"]["subnet_ids"]) == set(network["subnet_ids"])
        await site.succeeded((await ada.delete(f"{PATH}/one")).json())
        assert (await ada.get(f"{VPCS}/net")).json()["state"] == "ready"
        site.plant("load_balancer", "left", network["vpc_id"], {"kubernetes.io/cluster/one": "owned"})
        preview = (await ada.get(f"{VPCS}/net:deletion-plan")).json()
        assert "kubernetes" in {item["origin"] for item in preview["inventory"]}
        unified = (await ada.get(f"/networks/{network['id']}:deletion-plan")).json()
        assert unified["digest"] == preview["digest"]
        await site.succeeded((await ada.delete(f"/networks/{network['id']}")).json())
        assert not site.world.resources()

    on_site(postgres, scenario)


def test_a_network_made_with_a_cluster_is_listed_and_goes_only_with_it(postgres):
    async def scenario(site):
        ada = site.ada.client
        assert (await ada.get(f"{VPCS}/projects/p/networks/n")).status_code == 404
        made = await site.create()
        early = await ada.post(PATH, json=cluster_body(site.credential, "two", network={"vpc_id": "one"}))
        assert (early.status_code, problem_kind(early)) == (409, "network-not-ready")
        cluster_id = made["target"]["id"]
        [network] = (await ada.get("/networks")).json()["items"]
        assert network["owned_by"] == {"kind": "cluster", "id": cluster_id, "name": "one"}
        assert network["cost"] is None
        for response in (
            await ada.delete(f"{VPCS}/{network['id']}"),
            await ada.patch(f"{VPCS}/{network['id']}", json={"mtu": 1500}),
            await ada.post(SUBNETS, json={"vpc_id": network["id"], "name": "a", "cidr_block": "10.0.200.0/24"}),
        ):
            assert (response.status_code, problem_kind(response)) == (409, "belongs-to-cluster"), response.text
            assert response.json()["cluster"]["id"] == cluster_id

    on_site(postgres, scenario)


def test_blocks_that_are_wrong_are_named_with_the_remedy(postgres):
    async def scenario(site):
        ada = site.ada.client
        await made_network(site)

        async def refusal(**change):
            body = {"credential_id": str(site.credential), "name": "b", "region": "sim-east-1"} | change
            response = await ada.post(VPCS, json=body)
            assert response.status_code == 422, response.text
            return response.json()["errors"][0]

        overlap = await refusal(cidr_block="10.7.128.0/17")
        assert overlap["pointer"] == "/cidr_block"
        assert "10.0.0.0/17" in overlap["detail"]
        assert "10.7.0.0/16" in (await refusal(cidr_block="10.7.0.9/16"))["detail"]
        assert (await refusal(cidr_block="10.0.0.0/99"))["pointer"] == "/cidr_block"
        outside = [{"name": "a", "cidr_block": "10.1.0.0/24"}]
        assert (await refusal(cidr_block="10.9.0.0/16", subnets=outside))["pointer"] == "/subnets/0/cidr_block"
        twice = [{"name": "a", "cidr_block": "10.9.0.0/24"}, {"name": "b", "cidr_block": "10.9.0.128/25"}]
        assert (await refusal(cidr_block="10.9.0.0/16", subnets=twice))["pointer"] == "/subnets/1/cidr_block"
        assert (await refusal(cidr_block="10.9.0.0/16", colour="blue"))["pointer"] == "/colour"
        assert (await refusal(region="sim-east-9"))["pointer"] == "/region"
        no_region = await ada.post(VPCS, json={"credential_id": str(site.credential), "name": "b"})
        assert no_region.json()["errors"][0]["pointer"] == "/region"
        same = await ada.post(VPCS, json={"credential_id": str(site.credential), "name": "net", "region": "sim-east-1"})
        assert (same.status_code, problem_kind(same)) == (409, "name-exists")
        assert same.json()["existing"]["state"] == "ready"

    on_site(postgres, scenario)


def test_subnets_are_added_shown_and_removed(postgres):
    async def scenario(site):
        ada = site.ada.client
        network = await made_network(site)
        body = {"credential_id": str(site.credential), "vpc_id": network["vpc_id"], "name": "a",
                "cidr_block": "10.7.1.0/24", "availability_zone": "sim-east-1a"}  # fmt: skip
        plan = (await ada.post(f"{SUBNETS}?dry_run=true", json=body)).json()
        assert [line["key"] for line in plan["changes"] if line["verb"] == "create"] == ["subnet/a"]
        added = await ada.post(SUBNETS, json=body)
        assert added.status_code == 202, added.text
        await site.succeeded(added.json())
        [subnet] = (await ada.get(SUBNETS)).json()["items"]
        assert (subnet["state"], subnet["cidr_block"], subnet["editable"]) == ("ready", "10.7.1.0/24", True)
        assert (await ada.get(f"{SUBNETS}/{subnet['external_id']}")).json() == subnet
        again = await ada.post(SUBNETS, json=body)
        assert (again.status_code, problem_kind(again)) == (409, "name-exists")
        overlap = await ada.post(SUBNETS, json=body | {"name": "b", "cidr_block": "10.7.1.128/25"})
        assert overlap.json()["errors"][0]["pointer"] == "/cidr_block"
        gone = await ada.delete(f"{SUBNETS}/{subnet['id']}")
        await site.succeeded(gone.json())
        assert (await ada.get(SUBNETS)).json()["items"] == []
        assert (await ada.get(f"{SUBNETS}/{subnet['id']}")).status_code == 404

    on_site(postgres, scenario)


def test_security_groups_and_their_rules_are_edited(postgres):
    async def scenario(site):
        ada = site.ada.client
        network = await made_network(site)
        rule = {"protocol": "tcp", "from_port": 443, "to_port": 443, "cidrs": ["0.0.0.0/0"]}
        body = {"vpc_id": network["id"], "name": "web", "description": "from outside", "rules": [rule]}
        made = await ada.post(GROUPS, json=body)
        assert made.status_code == 202, made.text
        await site.succeeded(made.json())
        [group] = (await ada.get("/sim/network/firewall-rules")).json()["items"]
        assert (group["name"], group["state"], len(group["rules"])) == ("web", "ready", 1)
        more = await ada.post(f"{GROUPS}/{group['id']}/rules", json=rule | {"from_port": 80, "to_port": 80})
        await site.succeeded(more.json())
        again = await ada.post(f"{GROUPS}/{group['id']}/rules", json=rule)
        assert (again.status_code, problem_kind(again)) == (409, "rule-exists")
        rules = (await ada.get(f"{GROUPS}/{group['id']}/rules")).json()["items"]
        assert [item["from_port"] for item in rules] == [443, 80]
        assert len(next(item for item in site.world.resources() if item.name == "web").fields["rules"]) == 2
        less = await ada.delete(f"{GROUPS}/{group['id']}/rules/{rules[0]['id']}")
        await site.succeeded(less.json())
        [left] = (await ada.get(f"{GROUPS}/{group['external_id']}")).json()["rules"]
        assert left["from_port"] == 80
        wrong = await ada.post(f"{GROUPS}/{group['id']}/rules", json=rule | {"from_port": 900})
        assert wrong.status_code == 422
        await site.succeeded((await ada.delete(f"{GROUPS}/{group['id']}")).json())
        assert (await ada.get(GROUPS)).json()["items"] == []

    on_site(postgres, scenario)


def test_the_unified_route_changes_a_network_as_the_cloud_s_own_does(postgres):
    async def scenario(site):
        ada = site.ada.client
        network = await made_network(site)
        plan = await ada.patch(f"/networks/{network['id']}?dry_run=true", json={"routing_mode": "global"})
        assert (plan.status_code, plan.json()["ok"]) == (200, True), plan.text
        stale = await ada.patch(
            f"/networks/{network['id']}", json={"routing_mode": "global"}, headers={"If-Match": '"99"'}
        )
        assert stale.status_code == 412
        changed = await ada.patch("/networks/net", json={"routing_mode": "global"})
        assert changed.status_code == 202, changed.text
        await site.succeeded(changed.json())
        assert (await ada.get("/networks/net")).json()["routing_mode"] == "global"
        guarded = await ada.patch("/networks/net", json={"deletion_protection": True})
        assert (guarded.status_code, guarded.json()["deletion_protection"]) == (200, True)

    on_site(postgres, scenario)
