"""Network security groups and their rules. A rule is a document of its own and is shown inside of its group.

Source: https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview. Invariant: two rules of one
direction never have the same priority.
"""

import ipaddress
import re

from skyclust.sandbox.azure.cloud import Answer, Call, Cloud, Route, guid_of, named, parent_of
from skyclust.sandbox.azure.errors import Json, bad_request, child_not_found
from skyclust.sandbox.azure.listing import list_answer
from skyclust.sandbox.azure.networks import SUBNETS
from skyclust.sandbox.azure.resources import Change, Kind, check_name, document_of, existing, routes_of
from skyclust.sandbox.azure.subnet_users import NICS

GROUPS = "microsoft.network/networksecuritygroups"
RULES = f"{GROUPS}/securityrules"
MAX_RULES = 1000
_PORTS = re.compile(r"\d{1,5}(?:-\d{1,5})?")
_SERVICE_TAG = re.compile(r"[A-Za-z][A-Za-z0-9.]*")
_DEFAULTS = (
    (
        "AllowVnetInBound",
        65000,
        "Inbound",
        "Allow",
        "VirtualNetwork",
        "VirtualNetwork",
        "Allow inbound traffic from all VMs in VNET",
    ),
    (
        "AllowAzureLoadBalancerInBound",
        65001,
        "Inbound",
        "Allow",
        "AzureLoadBalancer",
        "*",
        "Allow inbound traffic from azure load balancer",
    ),
    ("DenyAllInBound", 65500, "Inbound", "Deny", "*", "*", "Deny all inbound traffic"),
    (
        "AllowVnetOutBound",
        65000,
        "Outbound",
        "Allow",
        "VirtualNetwork",
        "VirtualNetwork",
        "Allow outbound traffic from all VMs to all VMs in VNET",
    ),
    (
        "AllowInternetOutBound",
        65001,
        "Outbound",
        "Allow",
        "*",
        "Internet",
        "Allow outbound traffic from all VMs to Internet",
    ),
    ("DenyAllOutBound", 65500, "Outbound", "Deny", "*", "*", "Deny all outbound traffic"),
)


def rules_of(cloud: Cloud, group_id: str) -> list[Json]:
    return [row for _, row in cloud.all(RULES, f"{group_id.lower()}/securityrules/")]


def default_rules(group: Json) -> list[Json]:
    return [
        {
            "id": f"{group['id']}/defaultSecurityRules/{name}",
            "name": name,
            "etag": group["etag"],
            "type": "Microsoft.Network/networkSecurityGroups/defaultSecurityRules",
            "properties": {
                "provisioningState": "Succeeded",
                "description": text,
                "protocol": "*",
                "sourcePortRange": "*",
                "destinationPortRange": "*",
                "sourceAddressPrefix": source,
                "destinationAddressPrefix": target,
                "access": access,
                "priority": priority,
                "direction": direction,
            },
        }
        for name, priority, direction, access, source, target, text in _DEFAULTS
    ]


# groups


def _complete_group(cloud: Cloud, change: Change) -> Json:
    properties = change.properties
    given = properties.pop("securityRules", [])
    for unseen in ("defaultSecurityRules", "subnets", "networkInterfaces"):
        properties.pop(unseen, None)
    for row in rules_of(cloud, change.id):
        cloud.remove(RULES, row["id"].lower())  # the rules in the body are all the rules there are
    for row in given:
        check_name(RULE, str(row.get("name", "")))
        child = f"{change.id}/securityRules/{row['name']}"
        inner = Change(change.call, child, row, None, change.location)
        cloud.put(RULES, child.lower(), document_of(cloud, inner, RULE, _complete_rule(cloud, inner)))
    old = (change.old or {}).get("properties", {})
    return {
        "properties": {**properties, "resourceGuid": old.get("resourceGuid") or guid_of(f"{change.id}@{cloud.now()}")}
    }


def _subnets_using(cloud: Cloud, group_id: str) -> list[Json]:
    wanted = group_id.lower()
    return [
        row
        for _, row in cloud.all(SUBNETS)
        if row["properties"].get("networkSecurityGroup", {}).get("id", "").lower() == wanted
    ]


def _cards_using(cloud: Cloud, group_id: str) -> list[Json]:
    wanted = group_id.lower()
    return [
        row
        for _, row in cloud.all(NICS)
        if row["properties"].get("networkSecurityGroup", {}).get("id", "").lower() == wanted
    ]


def _check_group_free(cloud: Cloud, document: Json) -> None:
    users = [*_subnets_using(cloud, document["id"]), *_cards_using(cloud, document["id"])]
    if users:
        raise bad_request(
            "InUseNetworkSecurityGroupCannotBeDeleted",
            f"Network security group {document['id']} cannot be deleted because it is in use by the following "
            f"resources: {', '.join(row['id'] for row in users)}. In order to delete the Network security group, "
            "remove the association with the resource(s). To learn how to do this, see aka.ms/deletensg.",
        )


def _render_group(cloud: Cloud, document: Json) -> Json:
    properties: Json = {
        **document["properties"],
        "securityRules": sorted(rules_of(cloud, document["id"]), key=lambda row: row["name"]),
        "defaultSecurityRules": default_rules(document),
    }
    for field, rows in (
        ("subnets", _subnets_using(cloud, document["id"])),
        ("networkInterfaces", _cards_using(cloud, document["id"])),
    ):
        if rows:
            properties[field] = [{"id": row["id"]} for row in rows]
    return {**document, "properties": properties}


# rules


def _complete_rule(cloud: Cloud, change: Change) -> Json:
    properties = change.properties
    name, group = named(change.id), parent_of(change.id)
    for field in ("protocol", "access", "direction", "priority"):
        if field not in properties:
            raise bad_request(
                "SecurityRuleMissingRequiredParameter",
                f"Required security rule parameter {field} is missing for security rule {name}.",
            )
    if not 100 <= properties["priority"] <= 4096:
        raise bad_request("SecurityRuleInvalidPriority", f"Security rule {name} has invalid priority. Value provided: "
                          f"{properties['priority']}; it must be between 100 and 4096.")  # fmt: skip
    _check_rule_side(name, properties, "source")
    _check_rule_side(name, properties, "destination")
    others = [row for row in rules_of(cloud, group) if row["name"].lower() != name.lower()]
    if len(others) >= MAX_RULES:
        raise bad_request("SecurityRuleLimitReached", f"A network security group takes at most {MAX_RULES} rules.")
    for row in others:
        taken = row["properties"]
        if (taken["priority"], taken["direction"]) == (properties["priority"], properties["direction"]):
            raise bad_request(
                "SecurityRuleConflict",
                f"Security rule {name} conflicts with rule {row['name']}. Rules cannot have the same Priority and "
                "Direction. To learn more, see aka.ms/nsgrules.",
            )
    lists = ("sourceAddressPrefixes", "destinationAddressPrefixes", "sourcePortRanges", "destinationPortRanges")
    return {"properties": {**{field: [] for field in lists}, **properties}}


def _check_rule_side(name: str, properties: Json, side: str) -> None:
    groups = properties.get(f"{side}ApplicationSecurityGroups")
    prefixes = properties.get(f"{side}AddressPrefixes") or [properties.get(f"{side}AddressPrefix")]
    ports = properties.get(f"{side}PortRanges") or [properties.get(f"{side}PortRange")]
    for prefix in [] if groups else prefixes:
        if not _is_prefix(prefix):
            raise bad_request(
                "SecurityRuleInvalidAddressPrefix",
                f"Security rule {name} has invalid Address prefix. Value provided: {prefix}",
            )
    for port in ports:
        if not _is_port(port):
            raise bad_request(
                "SecurityRuleInvalidPortRange",
                f"Security rule {name} has invalid Port range. Value provided: {port}. Value should be an integer "
                "OR integer range with '-' delimiter. Valid range 0-65535.",
            )


def _is_prefix(text: object) -> bool:
    if text == "*":
        return True
    try:
        ipaddress.ip_network(str(text), strict=False)
    except ValueError:
        return isinstance(text, str) and _SERVICE_TAG.fullmatch(text) is not None
    return True


def _is_port(text: object) -> bool:
    if text == "*":
        return True
    if not isinstance(text, str) or not _PORTS.fullmatch(text):
        return False
    low, _, high = text.partition("-")
    return int(low) <= int(high or low) <= 65535


def list_defaults(cloud: Cloud, call: Call) -> Answer:
    return list_answer(default_rules(existing(cloud, call, GROUP)), call)


def get_default(cloud: Cloud, call: Call) -> Answer:
    group = existing(cloud, call, GROUP)
    for row in default_rules(group):
        if row["name"].lower() == call.path["rule"].lower():
            return Answer(200, row)
    raise child_not_found(f"{group['id']}/defaultSecurityRules/{call.path['rule']}")


GROUP = Kind(
    "Microsoft.Network/networkSecurityGroups",
    "security_group",
    "network.NetworkSecurityGroup",
    _complete_group,
    _check_group_free,
    _render_group,
)
RULE = Kind(
    "Microsoft.Network/networkSecurityGroups/securityRules",
    "security_rule",
    "network.SecurityRule",
    _complete_rule,
    tracked=False,
)
KINDS = (GROUP, RULE)
_ONE = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Network/networkSecurityGroups/{name0}"
_READ = "Microsoft.Network/networkSecurityGroups/defaultSecurityRules/read"
ROUTES = [
    *routes_of(GROUP),
    *routes_of(RULE),
    Route("GET", f"{_ONE}/defaultSecurityRules", _READ, list_defaults),
    Route("GET", f"{_ONE}/defaultSecurityRules/{{rule}}", _READ, get_default),
]
