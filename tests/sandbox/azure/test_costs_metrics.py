"""What things cost, and how busy they are, as Azure's own services tell it."""

from datetime import UTC, datetime, timedelta

import pytest

VERSION = "api-version=2025-03-01"


@pytest.fixture
def asked(azure):
    token = azure.run(azure.login.get_token("https://management.azure.com/.default")).token
    return lambda path, body=None: azure.ask(path, token, "POST" if body else "GET", body)


def query(**dataset):
    total = {"totalCost": {"name": "Cost", "function": "Sum"}}
    return {"type": "ActualCost", "timeframe": "MonthToDate", "dataset": {"aggregation": total, **dataset}}


def test_costs_grow_with_time_and_are_told_by_tag_and_service(clustered, asked):
    here = f"/subscriptions/{clustered.told['subscription_id']}"
    clustered.make_cluster(body={**clustered.cluster_body(), "tags": {"stack": "s1"}})
    clustered.pass_time(3600)
    body = query(grouping=[{"type": "Dimension", "name": "ServiceName"}, {"type": "TagKey", "name": "stack"}])
    status, told = asked(f"{here}/providers/Microsoft.CostManagement/query?{VERSION}", body)
    assert status == 200
    assert [row["name"] for row in told["properties"]["columns"]] == ["Cost", "ServiceName", "TagValue", "Currency"]
    costs = {tuple(row[1:3]): row[0] for row in told["properties"]["rows"]}
    later = asked(
        f"{here}/resourceGroups/MC_rg_one_westeurope/providers/Microsoft.CostManagement/query?{VERSION}", body
    )
    assert {row[2] for row in later[1]["properties"]["rows"] if row[1] == "Virtual Machines"} == {"s1"}
    hourly = asked(
        "/api/retail/prices?$filter=armRegionName%20eq%20'westeurope'%20and%20armSkuName%20eq%20'Standard_D2s_v5'"
    )[1]
    price = hourly["Items"][0]["retailPrice"]
    assert hourly["Count"] == 1
    assert 2 * price <= costs["Virtual Machines", "s1"] < 4 * price
    status, refusal = asked(f"{here}/providers/Microsoft.CostManagement/query?{VERSION}", {"timeframe": "Someday"})
    assert (status, refusal["error"]["code"]) == (400, "BadRequest")


def test_metrics_are_steady_and_end_now(clustered, asked):
    cluster = clustered.run(clustered.aks.managed_clusters.get("rg", "one"))
    clustered.pass_time(7200)
    now = datetime.fromisoformat(clustered.control("GET", "clock")["now"]).astimezone(UTC)
    span = f"{(now - timedelta(hours=1)):%Y-%m-%dT%H:%M:%SZ}/{(now + timedelta(hours=1)):%Y-%m-%dT%H:%M:%SZ}"
    path = f"{cluster.id}/providers/Microsoft.Insights/metrics?api-version=2024-02-01&timespan={span}&interval=PT5M"
    first, again = (asked(f"{path}&metricnames=node_cpu_usage_percentage")[1] for _ in range(2))
    points = first["value"][0]["timeseries"][0]["data"]
    assert points == again["value"][0]["timeseries"][0]["data"]
    assert len(points) == 12
    assert all(15 <= point["average"] <= 55 for point in points)
    each = asked(f"{path}&metricnames=node_cpu_usage_percentage&$filter=node%20eq%20'*'")[1]["value"][0]["timeseries"]
    assert [row["metadatavalues"][0]["value"] for row in each] == [
        node["metadata"]["name"] for node in clustered.nodes()
    ]
    assert asked(f"{path}&metricnames=happiness")[0] == 400
