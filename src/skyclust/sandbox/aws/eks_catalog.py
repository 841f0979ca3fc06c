"""What EKS offers: Kubernetes versions, add-ons and access policies. Called by the EKS front.

Source: "Amazon EKS Kubernetes release calendar" and the add-on pages of the EKS user guide.
Invariant: newest version last.
"""

from datetime import UTC, datetime
from typing import Any

# version -> (release, end of standard support, end of extended support, patch)
VERSIONS: dict[str, tuple[str, str, str, str]] = {
    "1.31": ("2024-09-26", "2025-11-26", "2026-11-26", "1.31.13"),
    "1.32": ("2025-01-23", "2026-03-23", "2027-03-23", "1.32.9"),
    "1.33": ("2025-05-29", "2026-07-29", "2027-07-29", "1.33.5"),
    "1.34": ("2025-10-02", "2026-12-02", "2027-12-02", "1.34.2"),
    "1.35": ("2026-01-27", "2027-03-27", "2028-03-27", "1.35.1"),
}
DEFAULT_VERSION = "1.34"

ALL = tuple(VERSIONS)
#: name -> type, versions newest first, each with the cluster versions that it is made for and those it is default of.
ADDONS: dict[str, tuple[str, tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]]] = {
    "vpc-cni": ("networking", (
        ("v1.20.5-eksbuild.1", ALL[1:], ()), ("v1.20.4-eksbuild.1", ALL, ALL), ("v1.19.0-eksbuild.1", ALL[:3], ()),
    )),
    "coredns": ("networking", (
        ("v1.12.4-eksbuild.1", ALL[2:], ALL[2:]), ("v1.11.4-eksbuild.2", ALL[:4], ALL[:2]),
    )),
    "kube-proxy": ("networking", tuple(
        (f"v{version}.0-eksbuild.2", ALL[place : place + 3], (version,))
        for place, version in reversed(list(enumerate(ALL)))
    )),
    "aws-ebs-csi-driver": ("storage", (
        ("v1.51.0-eksbuild.1", ALL, ALL), ("v1.48.0-eksbuild.2", ALL[:4], ()),
    )),
    "aws-efs-csi-driver": ("storage", (("v2.1.13-eksbuild.1", ALL, ALL),)),
    "eks-pod-identity-agent": ("security", (
        ("v1.3.9-eksbuild.3", ALL, ALL), ("v1.3.8-eksbuild.2", ALL, ()),
    )),
    "metrics-server": ("observability", (("v0.8.0-eksbuild.2", ALL, ALL),)),
    "snapshot-controller": ("storage", (("v8.3.0-eksbuild.1", ALL, ALL),)),
}  # fmt: skip
#: What may be configured, of EKS's own schemas the top level only.
ADDON_SETTINGS: dict[str, dict[str, str]] = {
    "vpc-cni": {"env": "object", "enableNetworkPolicy": "string", "init": "object", "nodeAgent": "object"},
    "coredns": {"replicaCount": "integer", "computeType": "string", "autoScaling": "object", "corefile": "string"},
    "kube-proxy": {"mode": "string", "ipvs": "object"},
    "aws-ebs-csi-driver": {"controller": "object", "node": "object", "defaultStorageClass": "object"},
    "aws-efs-csi-driver": {"controller": "object", "node": "object"},
    "eks-pod-identity-agent": {"agent": "object", "priorityClassName": "string"},
    "metrics-server": {"replicas": "integer", "updateStrategy": "object"},
    "snapshot-controller": {"replicaCount": "integer"},
}
COMMON_SETTINGS = {"resources": "object", "tolerations": "array", "affinity": "object", "nodeSelector": "object"}
NEED_A_ROLE = ("vpc-cni", "aws-ebs-csi-driver", "aws-efs-csi-driver")
ON_FARGATE = ("coredns", "metrics-server")

ACCESS_POLICIES = (
    "AmazonEKSClusterAdminPolicy",
    "AmazonEKSAdminPolicy",
    "AmazonEKSAdminViewPolicy",
    "AmazonEKSEditPolicy",
    "AmazonEKSViewPolicy",
)


def policy_arn(name: str) -> str:
    return f"arn:aws:eks::aws:cluster-access-policy/{name}"


def describe_versions(now: datetime, wanted: list[str] | None, default_only: bool) -> list[dict[str, Any]]:
    found = []
    for version in reversed(VERSIONS):
        if (wanted and version not in wanted) or (default_only and version != DEFAULT_VERSION):
            continue
        release, standard, extended, patch = (
            VERSIONS[version][0],
            *map(_day, VERSIONS[version][1:3]),
            VERSIONS[version][3],
        )
        status = "STANDARD_SUPPORT" if now < standard else "EXTENDED_SUPPORT" if now < extended else "UNSUPPORTED"
        found.append(
            {
                "clusterVersion": version,
                "clusterType": "eks",
                "defaultPlatformVersion": "eks.5",
                "defaultVersion": version == DEFAULT_VERSION,
                "releaseDate": _day(release),
                "endOfStandardSupportDate": standard,
                "endOfExtendedSupportDate": extended,
                "status": status.lower(),
                "versionStatus": status,
                "kubernetesPatchVersion": patch,
            }
        )
    return found


def describe_addons(name: str | None, version: str | None) -> list[dict[str, Any]]:
    return [
        {
            "addonName": addon,
            "type": kind,
            "publisher": "eks",
            "owner": "aws",
            "addonVersions": [
                _addon_version(addon, text, made_for, default_of)
                for text, clusters, default_of in versions
                if (made_for := [each for each in clusters if version in (None, each)])
            ],
        }
        for addon, (kind, versions) in ADDONS.items()
        if name in (None, addon)
    ]


def _addon_version(addon: str, text: str, made_for: list[str], default_of: tuple[str, ...]) -> dict[str, Any]:
    return {
        "addonVersion": text,
        "architecture": ["amd64", "arm64"],
        "computeTypes": ["ec2", "fargate"] if addon in ON_FARGATE else ["ec2"],
        "requiresConfiguration": False,
        "requiresIamPermissions": addon in NEED_A_ROLE,
        "compatibilities": [
            {"clusterVersion": each, "platformVersions": ["*"], "defaultVersion": each in default_of}
            for each in reversed(made_for)
        ],
    }


def addon_versions(name: str, version: str) -> list[str]:
    """Those made for a cluster version, newest first."""
    return [text for text, clusters, _ in ADDONS[name][1] if version in clusters]


def default_addon_version(name: str, version: str) -> str:
    offered = addon_versions(name, version)
    return next((text for text, _, default_of in ADDONS[name][1] if version in default_of), offered[0])


def addon_schema(name: str) -> dict[str, Any]:
    """As EKS writes them: the schema proper is a definition that the top refers to."""
    properties = {setting: {"type": kind} for setting, kind in (ADDON_SETTINGS[name] | COMMON_SETTINGS).items()}
    return {
        "$schema": "http://json-schema.org/draft-06/schema#",
        "$ref": "#/definitions/Settings",
        "definitions": {"Settings": {"type": "object", "additionalProperties": False, "properties": properties}},
    }


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
