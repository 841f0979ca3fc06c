"""Cluster templates: versions that never change, and requests laid over them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from building import PATH, REGION, on_site
from skyclust.clusters.templates import merged
from tenancy import problem_kind

POOL = {"name": "workers", "machine_type": "medium", "node_count": 4, "labels": {"team": "a"}}
PRESET = {"region": REGION, "version": "1.33", "node_pool": POOL, "network": {"zones": 3}, "deletion_protection": True}


def templates(site):
    return f"/workspaces/{site.workspace}/cluster-templates"


async def made(site, body=None, name="web", **more):
    given = {"name": name, "provider": "sim", "body": body or PRESET} | more
    answer = await site.ada.client.post(templates(site), json=given)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def planned(site, path=f"{PATH}?dry_run=true", **body):
    given = {"credential_id": str(site.credential), "name": "one", "template": {"name": "web"}} | body
    return await site.ada.client.post(path, json=given)


@pytest.mark.parametrize(("base", "patch", "result"), [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
])  # fmt: skip
def test_requests_are_laid_over_as_rfc_7396_has_it(base, patch, result):
    assert merged(base, patch) == result


values = st.recursive(
    st.none() | st.integers() | st.text(max_size=2),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
)


@given(values, values)
def test_laying_over_twice_is_laying_over_once(base, patch):
    assert merged(merged(base, patch), patch) == merged(base, patch)


def test_a_cluster_is_made_from_a_template_and_what_the_request_says_wins(postgres):
    async def scenario(site):
        ada = site.ada.client
        await made(site)
        plan = (await planned(site, node_pool={"node_count": 1})).json()
        assert (plan["template"], plan["body"]["network"]) == ("web/1", {"zones": 3})
        assert plan["body"]["node_pool"] == POOL | {"node_count": 1}
        begun = await planned(site, PATH, node_pool={"node_count": 1}, plan_digest=plan["digest"], version="1.34")
        assert (begun.status_code, problem_kind(begun)) == (409, "plan-changed")
        begun = await planned(site, PATH, node_pool={"node_count": 1}, plan_digest=plan["digest"])
        assert begun.status_code == 202, begun.text
        cluster = (await ada.get(f"{PATH}/one")).json()
        [pool] = cluster["node_pools"]
        assert (pool["name"], pool["node_count"], pool["labels"]) == ("workers", 1, {"team": "a"})
        assert (cluster["version"], cluster["deletion_protection"]) == ("1.33", True)
        told = "SELECT data->>'template' FROM audit_entries WHERE action = 'cluster.create_requested'"
        assert await site.house.scalar(told) == "web/1"
        unified = {"provider": "sim", "credential_id": str(site.credential), "cluster": {"name": "two"}}
        plan = await ada.post("/clusters?dry_run=true", json=unified | {"template": {"name": "web", "version": 1}})
        assert plan.json()["body"]["node_pool"] == POOL, plan.text
        wrong = unified | {"template": {"name": "web"}, "cluster": {"name": "two", "version": "1.01"}}
        refused = await ada.post("/clusters?dry_run=true", json=wrong)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/cluster/version")

    on_site(postgres, scenario)


def test_versions_count_up_never_change_and_are_not_given_out_twice(postgres):
    async def scenario(site):
        ada, where = site.ada.client, templates(site)
        assert [(await made(site, PRESET | {"version": v}))["version"] for v in ("1.32", "1.33", "1.34")] == [1, 2, 3]
        listed = (await ada.get(f"{where}?limit=2")).json()
        assert [item["version"] for item in listed["items"]] == [3, 2]
        more = (await ada.get(f"{where}?limit=2&cursor={listed['next_cursor']}")).json()
        assert [item["version"] for item in more["items"]] == [1]
        assert (await ada.get(f"{where}/web/1")).json()["body"]["version"] == "1.32"
        assert (await ada.post(f"{where}/web/3:deprecate", json={"reason": "use 2"})).json()["deprecated_at"]
        assert (await planned(site)).json()["template"] == "web/2", "the newest that is not deprecated"
        plan = (await planned(site, template={"name": "web", "version": 3})).json()
        assert [item["code"] for item in plan["findings"]] == ["deprecated-template"]
        assert "use 2" in plan["findings"][0]["message"]
        assert plan["ok"] is True
        assert (await ada.delete(f"{where}/web/3?dry_run=true")).status_code == 204
        assert (await ada.delete(f"{where}/web/3")).status_code == 204
        assert (await ada.get(f"{where}/web/3")).status_code == 404
        refused = await planned(site, template={"name": "web", "version": 3})
        assert refused.json()["errors"][0] == {
            "pointer": "/template",
            "detail": "The workspace has no template web, version 3. It has: web/2, web/1.",
        }
        assert (await made(site))["version"] == 4
        told = "SELECT string_agg(DISTINCT action, ' ') FROM audit_entries WHERE action LIKE 'cluster_template%'"
        assert set((await site.house.scalar(told)).split()) == {
            f"cluster_template.{what}" for what in ("created", "deprecated", "deleted")
        }

    on_site(postgres, scenario)


@pytest.mark.parametrize(("body", "pointer"), [
    ({"name": "x"}, "/body/name"),
    ({"credential_id": "x"}, "/body/credential_id"),
    ({"version": "newest"}, "/body/version"),
    ({"node_pool": POOL | {"nodecount": 3}}, "/body/node_pool/nodecount"),
    ({"node_pools": [POOL, POOL]}, "/body/node_pools/1/name"),
    ({"sim": {"turbo": True}}, "/body/sim/turbo"),
    ({"gcp": {}}, "/body/gcp"),
])  # fmt: skip
def test_a_template_that_no_cluster_could_be_made_with_is_refused_at_its_field(postgres, body, pointer):
    async def scenario(site):
        given = {"name": "web", "provider": "sim", "body": body}
        answer = await site.ada.client.post(templates(site), json=given)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer), answer.text

    on_site(postgres, scenario)


def test_members_read_administrators_make_and_strangers_find_nothing(postgres):
    async def scenario(site):
        await made(site)
        given = {"name": "web", "provider": "sim", "body": PRESET}
        assert (await site.uma.client.post(templates(site), json=given)).status_code == 403
        assert (await site.vic.client.get(f"{templates(site)}/web/1")).status_code == 200
        assert (await site.eve.client.get(f"{templates(site)}/web/1")).status_code == 404
        theirs = {"credential_id": str(site.other_credential), "name": "one", "template": {"name": "web"}}
        refused = await site.eve.client.post(f"{PATH}?dry_run=true", json=theirs)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/template")
        assert "none" in refused.json()["errors"][0]["detail"]
        unknown = await site.ada.client.post(templates(site), json=given | {"provider": "nimbus"})
        assert (unknown.status_code, problem_kind(unknown)) == (404, "unknown-provider")

    on_site(postgres, scenario)


def test_a_pool_without_a_machine_type_is_refused_where_no_template_has_it(postgres):
    async def scenario(site):
        await made(site, {"region": REGION})
        answer = await planned(site, node_pool={"node_count": 1})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/node_pool/machine_type")

    on_site(postgres, scenario)
