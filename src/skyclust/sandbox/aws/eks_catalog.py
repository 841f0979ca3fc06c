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

ADDONS: dict[str, tuple[str, str]] = {
    "vpc-cni": ("networking", "v1.20.4-eksbuild.1"),
    "coredns": ("networking", "v1.12.4-eksbuild.1"),
    "kube-proxy": ("networking", "v{version}.0-eksbuild.2"),
    "aws-ebs-csi-driver": ("storage", "v1.51.0-eksbuild.1"),
    "aws-efs-csi-driver": ("storage", "v2.1.13-eksbuild.1"),
    "eks-pod-identity-agent": ("security", "v1.3.9-eksbuild.3"),
    "metrics-server": ("observability", "v0.8.0-eksbuild.2"),
    "snapshot-controller": ("storage", "v8.3.0-eksbuild.1"),
}

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
                {
                    "addonVersion": text.format(version=each),
                    "architecture": ["amd64", "arm64"],
                    "computeTypes": ["ec2"],
                    "requiresConfiguration": False,
                    "requiresIamPermissions": addon == "vpc-cni",
                    "compatibilities": [{"clusterVersion": each, "platformVersions": ["*"], "defaultVersion": True}],
                }
                for each in reversed(VERSIONS)
                if version in (None, each)
            ],
        }
        for addon, (kind, text) in ADDONS.items()
        if name in (None, addon)
    ]


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
