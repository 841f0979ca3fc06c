"""Service quotas: what they are, and how much of them is used. Called before creates and by GetServiceQuota.

Invariant: a quota set through the control API (`mode: quota, params: {quota, value}`) wins over the default.
"""

from dataclasses import dataclass
from typing import Any

from skyclust.sandbox.aws.replies import Refusal
from skyclust.sandbox.kernel import Faults, Mode


@dataclass(frozen=True)
class Quota:
    name: str
    service: str
    code: str
    title: str
    default: float


QUOTAS = {
    quota.name: quota
    for quota in (
        Quota("vpcs", "vpc", "L-F678F1CE", "VPCs per Region", 20),
        Quota("addresses", "ec2", "L-0263D0A3", "EC2-VPC Elastic IPs", 20),
        Quota("internet_gateways", "vpc", "L-A4707A72", "Internet gateways per Region", 20),
        Quota("nat_gateways", "vpc", "L-FE5A380F", "NAT gateways per Availability Zone", 5),
        Quota("clusters", "eks", "L-1194D53C", "Clusters", 100),
        Quota("node_groups", "eks", "L-6D54EA21", "Managed node groups per cluster", 30),
        Quota("gpu_vcpus", "ec2", "L-DB2E81BA", "Running On-Demand G and VT instances", 64),
        Quota("vcpus", "ec2", "L-1216C47A", "Running On-Demand Standard instances", 640),
    )
}


def quota_value(faults: Faults, name: str) -> float:
    for rule in reversed(faults.rules()):
        if rule.mode is Mode.QUOTA and rule.params.get("quota") == name and "value" in rule.params:
            return float(rule.params["value"])
    return QUOTAS[name].default


def answer_quotas(operation: str, parameters: dict[str, Any], region: str, faults: Faults) -> dict[str, Any]:
    service = str(parameters.get("ServiceCode", ""))
    known = [quota for quota in QUOTAS.values() if quota.service == service]
    if operation in {"ListServiceQuotas", "ListAWSDefaultServiceQuotas"}:
        return {"Quotas": [_document(quota, quota_value(faults, quota.name), region) for quota in known]}
    if operation in {"GetServiceQuota", "GetAWSDefaultServiceQuota"}:
        for quota in known:
            if quota.code == parameters.get("QuotaCode"):
                value = quota_value(faults, quota.name) if operation == "GetServiceQuota" else quota.default
                return {"Quota": _document(quota, value, region)}
        raise Refusal("NoSuchResourceException", "The request failed because the specified quota does not exist.", 400)
    raise Refusal("UnknownOperationException", f"The sandbox does not know service-quotas {operation}.", 400)


def _document(quota: Quota, value: float, region: str) -> dict[str, Any]:
    return {
        "ServiceCode": quota.service,
        "QuotaArn": f"arn:aws:servicequotas:{region}::{quota.service}/{quota.code}",
        "QuotaCode": quota.code,
        "QuotaName": quota.title,
        "Value": value,
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
    }
