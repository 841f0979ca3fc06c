"""Networks that somebody else made: imported with subnets and groups, changed, released, deleted, forgotten."""

from by_hand import VPCS, enter, on_old_ground
from tenancy import problem_kind

IMPORT = f"{VPCS}:import"
NAME = "legacy-net"
RULE = {
    "direction": "ingress", "protocol": "tcp", "from_port": 443, "to_port": 443, "cidrs": ["0.0.0.0/0"],
    "description": "", "action": "allow",
}  # fmt: skip


def verbs(plan):
    return {change["key"]: change["verb"] for change in plan["changes"]}


def with_group(site, found):
    return enter(site, "firewall", "web", {"rules": [RULE]}, found.network)


def only_the_network(site, found):
    """As found, without the cluster in it."""
    for item in (found.pool, found.cluster, found.role):
        site.world.remove(item)


def test_a_managed_network_is_listed_taken_over_changed_and_deleted(postgres):
    async def scenario(site, found):
        only_the_network(site, found)
        group, ada = with_group(site, found), site.ada.client
        listed = await ada.get(f"{VPCS}:importable?credential_id={site.credential}&region=sim-east-1")
        assert [(item["name"], item["cidr_block"]) for item in listed.json()["items"]] == [(NAME, "10.40.0.0/16")]
        plan = (await ada.post(f"{IMPORT}?dry_run=true", json=found.body(NAME, managed=True))).json()
        assert (plan["ok"], plan["following"], set(verbs(plan).values())) == (True, [], {"import"}), plan
        network = await found.imported(managed=True, path=VPCS, name=NAME)
        assert (network["state"], network["managed"], network["vpc_id"]) == ("ready", True, found.network)
        assert None not in found.tags(found.network, found.subnet, group)
        [shown] = (await ada.get(f"/sim/network/security-groups?vpc_id={found.network}")).json()["items"]
        assert (shown["external_id"], shown["editable"], shown["rules"][0]["from_port"]) == (group, True, 443)
        subnet = {"vpc_id": NAME, "name": "b", "cidr_block": "10.40.16.0/20", "availability_zone": "sim-east-1b"}
        await found.done("POST", "/sim/network/subnets", subnet)
        await found.done("PATCH", f"/sim/network/security-groups/{group}", {"rules": []})
        assert site.world.books[group].fields["rules"] == []
        await found.done("DELETE", f"{VPCS}/{NAME}")
        assert site.world.resources() == []

    on_old_ground(postgres, scenario)


def test_what_was_not_taken_over_blocks_the_deletion_by_name(postgres):
    async def scenario(site, found):
        await found.imported(managed=True, path=VPCS, name=NAME)
        answer = await site.ada.client.delete(f"{VPCS}/{NAME}")
        assert (answer.status_code, problem_kind(answer)) == (409, "network-not-empty"), answer.text
        assert {item["external_id"] for item in answer.json()["blockers"]} == {found.cluster, found.pool}

    on_old_ground(postgres, scenario)


def test_a_read_only_network_is_shown_with_its_parts_never_changed_and_forgotten(postgres):
    async def scenario(site, found):
        group, ada = with_group(site, found), site.ada.client
        network = await found.imported(managed=False, path=VPCS, name=NAME)
        assert (network["managed"], network["subnet_ids"]) == (False, [found.subnet])
        [subnet] = (await ada.get(f"/sim/network/subnets?vpc_id={found.network}")).json()["items"]
        assert (subnet["external_id"], subnet["editable"]) == (found.subnet, False)
        new = {"vpc_id": NAME, "name": "b", "cidr_block": "10.40.16.0/20"}
        for method, path, body in (
            ("PATCH", f"{VPCS}/{NAME}", {"routing_mode": "global"}),
            ("POST", "/sim/network/subnets", new),
            ("DELETE", f"/sim/network/security-groups/{group}", None),
        ):
            answer = await ada.request(method, path, json=body)
            assert (answer.status_code, problem_kind(answer)) == (409, "read-only"), (path, answer.text)
        plan = (await ada.get(f"{VPCS}/{NAME}:deletion-plan")).json()
        assert (plan["ok"], set(verbs(plan).values())) == (True, {"forget"})
        await found.done("DELETE", f"{VPCS}/{NAME}")
        assert {item.id for item in site.world.resources()} == found.all | {group}

    on_old_ground(postgres, scenario)


def test_a_network_is_managed_later_and_given_back(postgres):
    async def scenario(site, found):
        await found.imported(managed=False, path=VPCS, name=NAME)
        await found.done("POST", f"{VPCS}/{NAME}:manage")
        assert (await site.ada.client.get(f"{VPCS}/{NAME}")).json()["managed"]
        assert None not in found.tags(found.network, found.subnet)
        await found.done("POST", f"{VPCS}/{NAME}:release")
        assert set(found.tags()) == {None}
        assert (await site.ada.client.get(f"{VPCS}/{NAME}")).status_code == 404

    on_old_ground(postgres, scenario)


def test_a_cluster_imported_into_it_keeps_it_from_being_deleted_until_it_is_released(postgres):
    async def scenario(site, found):
        await found.imported(managed=True, path=VPCS, name=NAME)
        await found.imported(managed=True)
        answer = await site.ada.client.delete(f"{VPCS}/{NAME}")
        assert (answer.status_code, problem_kind(answer)) == (409, "network-in-use"), answer.text
        await found.done("POST", "/sim/kubernetes/clusters/legacy:release")
        answer = await site.ada.client.delete(f"{VPCS}/{NAME}")
        assert problem_kind(answer) == "network-not-empty", "the cluster is somebody else's again"

    on_old_ground(postgres, scenario)


def test_what_is_taken_made_here_or_belongs_to_a_cluster_is_refused(postgres):
    async def scenario(site, found):
        await found.imported(managed=False, path=VPCS, name=NAME)
        body = found.body(NAME) | {"credential_id": str(site.other_credential)}
        theirs = await site.eve.client.post(IMPORT, json=body)
        assert (theirs.status_code, problem_kind(theirs)) == (409, "already-imported")
        again = await site.ada.client.post("/networks:import", json=found.body(NAME) | {"provider": "sim"})
        assert (again.status_code, problem_kind(again)) == (409, "already-imported")
        await site.succeeded(await site.create_network())
        assert problem_kind(await site.ada.client.post(f"{VPCS}/net:release")) == "never-imported"
        assert problem_kind(await site.ada.client.post(f"{VPCS}/net:manage")) == "managed-already"
        await site.create("own")
        assert problem_kind(await site.ada.client.post(f"{VPCS}/own:release")) == "belongs-to-cluster"

    on_old_ground(postgres, scenario)


def test_who_may_not_is_told_so(postgres):
    async def scenario(site, found):
        mine = await found.imported(managed=False, path=VPCS, name=NAME)
        routes = [
            ("GET", f"{VPCS}:importable?credential_id={site.credential}", None),
            ("POST", IMPORT, found.body(NAME)), ("POST", "/networks:import", found.body(NAME) | {"provider": "sim"}),
            ("POST", f"{VPCS}/{mine['id']}:manage", None), ("POST", f"/networks/{mine['id']}:manage", None),
            ("POST", f"{VPCS}/{mine['id']}:release", None), ("POST", f"/networks/{mine['id']}:release", None),
        ]  # fmt: skip
        for method, path, body in routes:
            people = (site.house.anonymous, site.eve.client, site.vic.client, site.uma.client)
            statuses = [(await client.request(method, path, json=body)).status_code for client in people]
            assert statuses == [401, 404, 403, 403], path

    on_old_ground(postgres, scenario)
