"""What things cost: the query of Cost Management over what exists, and the public list of retail prices.

Sources: https://learn.microsoft.com/rest/api/cost-management/query/usage and
https://learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices. Rates beside those of VM sizes
are public list prices. Only what still exists is charged: the sandbox keeps no books of what is gone.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from skyclust.sandbox.azure import catalog
from skyclust.sandbox.azure.cloud import Answer, Call, Cloud, Route, group_of, guid_of, parent_of
from skyclust.sandbox.azure.errors import Json, bad_request
from skyclust.sandbox.azure.listing import terms_of
from skyclust.sandbox.azure.machines import VIRTUAL_MACHINES
from skyclust.sandbox.azure.subnet_users import MACHINES, SCALE_SETS

# collection: (service, USD an hour)
_RATES = {
    "microsoft.network/natgateways": ("NAT Gateway", 0.045),
    "microsoft.network/publicipaddresses": ("Virtual Network", 0.005),
    "microsoft.network/loadbalancers": ("Load Balancer", 0.025),
    "microsoft.compute/disks": ("Storage", 0.001),
}
_TIERS = {"Standard": 0.10, "Premium": 0.60}
_AGGREGATED = {"cost": "Cost", "pretaxcost": "PreTaxCost", "costusd": "CostUSD"}
_DIMENSIONS = ("ResourceId", "ResourceGroupName", "ResourceType", "ServiceName", "ResourceLocation")
PRICES_PAGE = 1000


def charges(cloud: Cloud) -> Iterator[tuple[Json, str, float, datetime]]:
    """(resource that pays, service, USD an hour, since) for all that costs."""
    for collection in (MACHINES, VIRTUAL_MACHINES):
        for _, row in cloud.all(collection):
            owner = cloud.get(SCALE_SETS, parent_of(row["id"]).lower()) if collection == MACHINES else row
            size = catalog.sizes().get(row["_size"].lower())
            if owner and size:
                yield owner, "Virtual Machines", size.prices.get(row["_location"], 0.0), _since(row)
    for _, row in cloud.all("microsoft.containerservice/managedclusters"):
        yield row, "Azure Kubernetes Service", _TIERS.get(row["sku"]["tier"], 0.0), _since(row)
    for collection, (service, rate) in _RATES.items():
        for _, row in cloud.all(collection):
            yield row, service, rate, _since(row)


def _since(row: Json) -> datetime:
    return datetime.fromisoformat(row["_created"])


def query(cloud: Cloud, call: Call) -> Answer:
    """Sums by day or over all, grouped by dimensions and tags."""
    body = call.body if isinstance(call.body, dict) else {}
    dataset = body.get("dataset") or {}
    start, end = _period(cloud, body)
    name = _aggregation(dataset)
    grouping = [_grouping(row) for row in dataset.get("grouping", [])]
    daily = dataset.get("granularity") == "Daily"
    scope = call.url.removeprefix(call.base_url).lower().partition("/providers/microsoft.costmanagement")[0]
    sums: dict[tuple[Any, ...], float] = {}
    for resource, service, rate, since in charges(cloud):
        if not f"{resource['id'].lower()}/".startswith(f"{scope}/"):
            continue
        labels = tuple(_label(resource, service, *one) for one in grouping)
        for day, hours in _hours(max(start, since), min(end, cloud.now()), daily=daily):
            sums[day, *labels] = sums.get((day, *labels), 0.0) + hours * rate
    columns = [{"name": name, "type": "Number"}, *([{"name": "UsageDate", "type": "Number"}] if daily else [])]
    columns += [{"name": field if kind != "TagKey" else "TagValue", "type": "String"} for kind, field in grouping]
    columns.append({"name": "Currency", "type": "String"})
    rows = [
        [round(cost, 6), *(key if daily else key[1:]), "USD"]
        for key, cost in sorted(sums.items(), key=lambda row: str(row[0]))
    ]
    identity = guid_of(f"{scope}{body}")
    return Answer(200, {"id": f"{scope}/providers/Microsoft.CostManagement/query/{identity}", "name": identity,
                        "type": "Microsoft.CostManagement/query",
                        "properties": {"nextLink": None, "columns": columns, "rows": rows}})  # fmt: skip


def _period(cloud: Cloud, body: Json) -> tuple[datetime, datetime]:
    now, frame = cloud.now(), body.get("timeframe")
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    if frame == "Custom":
        period = body.get("timePeriod") or {}
        try:
            start, end = (datetime.fromisoformat(str(period[key])) for key in ("from", "to"))
        except (KeyError, ValueError):
            raise bad_request(
                "BadRequest", "Invalid query definition: timePeriod needs the times 'from' and 'to'."
            ) from None
        return _aware(start), _aware(end)
    if frame in ("MonthToDate", "BillingMonthToDate", "TheCurrentMonth"):
        return month, now
    if frame == "WeekToDate":
        return (now - timedelta(days=now.weekday())).replace(hour=0, minute=0, second=0, microsecond=0), now
    if frame in ("TheLastMonth", "TheLastBillingMonth"):
        return (month - timedelta(days=1)).replace(day=1), month
    raise bad_request("BadRequest", f"Invalid query definition: the timeframe '{frame}' is unknown.")


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _aggregation(dataset: Json) -> str:
    given = dataset.get("aggregation") or {}
    for row in given.values():
        name = _AGGREGATED.get(str(row.get("name", "")).lower())
        if name and row.get("function") == "Sum":
            return name
    raise bad_request(
        "BadRequest", "Invalid query definition: aggregate one of Cost, PreTaxCost, CostUSD with the function Sum."
    )


def _grouping(row: Json) -> tuple[str, str]:
    kind, name = str(row.get("type", "")), str(row.get("name", ""))
    if kind == "Dimension" and name not in _DIMENSIONS:
        raise bad_request(
            "BadRequest", f"Invalid query definition: the dimension '{name}' is none of {', '.join(_DIMENSIONS)}."
        )
    if kind not in ("Dimension", "TagKey"):
        raise bad_request(
            "BadRequest", f"Invalid query definition: a grouping is of type Dimension or TagKey, not '{kind}'."
        )
    return kind, name


def _label(resource: Json, service: str, kind: str, name: str) -> str:
    if kind == "TagKey":
        return str(resource.get("tags", {}).get(name, ""))
    return str({
        "ResourceId": resource["id"].lower(), "ResourceGroupName": group_of(resource["id"]).lower(),
        "ResourceType": resource["type"].lower(), "ServiceName": service, "ResourceLocation": resource["_location"],
    }[name])  # fmt: skip


def _hours(start: datetime, end: datetime, *, daily: bool) -> Iterator[tuple[int, float]]:
    """(day as 20261130, hours in it), or (0, all hours)."""
    if not daily:
        if end > start:
            yield 0, (end - start).total_seconds() / 3600
        return
    while start < end:
        midnight = (start + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        until = min(midnight, end)
        yield int(start.strftime("%Y%m%d")), (until - start).total_seconds() / 3600
        start = until


# retail prices: public, without a token


def retail_prices(parameters: dict[str, str], base_url: str) -> Json:
    terms = {name: value for name, operator, value in terms_of(parameters.get("$filter", "")) if operator == "eq"}
    regions = [region for region in catalog.REGIONS.values() if terms.get("armregionname", region.name) == region.name]
    wanted = terms.get("armskuname", "").lower()
    items = [
        _price(size, region)
        for region in regions
        for size in catalog.sizes().values()
        if region.name in size.prices and wanted in ("", size.name.lower())
    ]
    if (
        terms.get("servicename", "Virtual Machines") != "Virtual Machines"
        or terms.get("pricetype", "Consumption") != "Consumption"
    ):
        items = []
    skip = int(parameters.get("$skip", "0")) if parameters.get("$skip", "0").isdigit() else 0
    page = items[skip : skip + PRICES_PAGE]
    more = f"{base_url}/api/retail/prices?$filter={quote(parameters.get('$filter', ''))}&$skip={skip + PRICES_PAGE}"
    return {"BillingCurrency": "USD", "CustomerEntityId": "Default", "CustomerEntityType": "Retail", "Items": page,
            "NextPageLink": more if skip + PRICES_PAGE < len(items) else None, "Count": len(page)}  # fmt: skip


def _price(size: catalog.Size, region: catalog.Region) -> Json:
    short = size.name.removeprefix("Standard_").replace("_", " ")
    price = size.prices[region.name]
    return {
        "currencyCode": "USD",
        "tierMinimumUnits": 0.0,
        "retailPrice": price,
        "unitPrice": price,
        "armRegionName": region.name,
        "location": region.display_name,
        "effectiveStartDate": "2026-06-01T00:00:00Z",
        "meterId": guid_of(f"{region.name}/{size.name}"),
        "meterName": short,
        "productName": "Virtual Machines",
        "skuName": short,
        "serviceName": "Virtual Machines",
        "serviceFamily": "Compute",
        "unitOfMeasure": "1 Hour",
        "type": "Consumption",
        "isPrimaryMeterRegion": True,
        "armSkuName": size.name,
    }


_SUBSCRIPTION = "/subscriptions/{subscription}"
ROUTES = [
    Route("POST", f"{scope}/providers/Microsoft.CostManagement/query", "Microsoft.CostManagement/query/action", query)
    for scope in (_SUBSCRIPTION, f"{_SUBSCRIPTION}/resourceGroups/{{group}}")
]
