"""The object "aws" in a request body: switches that only EKS has, as JSON Schema. Read by the server and by forms."""

from __future__ import annotations

from skyclust.contract.resources import JsonObject

_ROLE = {"type": "string", "pattern": "^arn:aws[a-z-]*:iam::[0-9]{12}:role/.{1,512}$"}

CLUSTER_OPTIONS_SCHEMA: JsonObject = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "title": "EKS",
    "additionalProperties": False,
    "properties": {
        "endpoint_public_access": {
            "type": "boolean", "default": True, "title": "API reachable from the internet",
        },
        "endpoint_private_access": {
            "type": "boolean", "default": True, "title": "API reachable from inside the network",
        },
        "public_access_cidrs": {
            "type": "array", "maxItems": 40, "items": {"type": "string", "maxLength": 18},
            "default": ["0.0.0.0/0"], "title": "Ranges that may reach the public API",
        },
        "support_type": {
            "enum": ["STANDARD", "EXTENDED"], "default": "EXTENDED", "title": "Upgrade policy",
            "description": "After standard support, STANDARD upgrades by itself; EXTENDED stays and costs more.",
        },
        "deletion_protection": {"type": "boolean", "default": False, "title": "Protect from deletion"},
        "nat_gateway_per_zone": {
            "type": "boolean", "default": False, "title": "One NAT gateway per zone",
            "description": "Nodes of a zone keep their way out when another zone fails; costs one gateway per zone.",
        },
        "karpenter_discovery": {
            "type": "boolean", "default": False, "title": "Tags for Karpenter",
            "description": "karpenter.sh/discovery on the subnets for nodes and the cluster's security group. Taken "
            "back, the tags stay.",
        },
        "service_cidr": {
            "type": "string", "maxLength": 18, "title": "Range of Kubernetes services",
            "description": "Private, /12 to /24, apart from the network's range. EKS chooses when left out.",
        },
        "cluster_role_arn": {**_ROLE, "title": "Role of the control plane", "description": "Made when left out."},
        "node_role_arn": {**_ROLE, "title": "Role of the nodes", "description": "Made when left out."},
        "fargate_role_arn": {**_ROLE, "title": "Role of Fargate pods", "description": "Made when left out."},
        "fargate_namespaces": {
            "type": "array", "minItems": 1, "maxItems": 5, "items": {"type": "string", "maxLength": 63},
            "default": ["default", "kube-system"], "title": "Namespaces that run on Fargate",
        },
    },
}  # fmt: skip
