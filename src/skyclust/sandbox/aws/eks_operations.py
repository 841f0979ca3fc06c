"""Which function answers which EKS operation. Called by the front.

Invariant: an operation that is not in the table is refused by name, never answered with something made up.
"""

from collections.abc import Callable
from datetime import datetime

from skyclust.sandbox.aws import eks_access, eks_addons, eks_clusters, eks_extras, eks_node_groups, eks_pod_identities
from skyclust.sandbox.aws.eks_state import Document, Eks

Operation = Callable[[Eks, str, str, Document, datetime], Document]

OPERATIONS: dict[str, Operation] = {
    "CreateCluster": eks_clusters.create_cluster,
    "DescribeCluster": eks_clusters.describe_cluster,
    "DeleteCluster": eks_clusters.delete_cluster,
    "UpdateClusterVersion": eks_clusters.update_cluster_version,
    "UpdateClusterConfig": eks_clusters.update_cluster_config,
    "ListClusters": eks_extras.list_clusters,
    "DescribeClusterVersions": eks_extras.describe_cluster_versions,
    "ListUpdates": eks_extras.list_updates,
    "DescribeUpdate": eks_extras.describe_update,
    "CreateNodegroup": eks_node_groups.create_node_group,
    "DescribeNodegroup": eks_node_groups.describe_node_group,
    "ListNodegroups": eks_extras.list_node_groups,
    "UpdateNodegroupConfig": eks_node_groups.update_node_group_config,
    "UpdateNodegroupVersion": eks_node_groups.update_node_group_version,
    "DeleteNodegroup": eks_node_groups.delete_node_group,
    "CreateFargateProfile": eks_extras.create_fargate_profile,
    "DescribeFargateProfile": eks_extras.describe_fargate_profile,
    "ListFargateProfiles": eks_extras.list_fargate_profiles,
    "DeleteFargateProfile": eks_extras.delete_fargate_profile,
    "CreateAddon": eks_addons.create_addon,
    "DescribeAddon": eks_addons.describe_addon,
    "UpdateAddon": eks_addons.update_addon,
    "ListAddons": eks_addons.list_addons,
    "DeleteAddon": eks_addons.delete_addon,
    "DescribeAddonVersions": eks_addons.describe_addon_versions,
    "DescribeAddonConfiguration": eks_addons.describe_addon_configuration,
    "CreateAccessEntry": eks_access.create_access_entry,
    "DescribeAccessEntry": eks_access.describe_access_entry,
    "UpdateAccessEntry": eks_access.update_access_entry,
    "DeleteAccessEntry": eks_access.delete_access_entry,
    "ListAccessEntries": eks_access.list_access_entries,
    "ListAccessPolicies": eks_extras.list_access_policies,
    "AssociateAccessPolicy": eks_access.associate_access_policy,
    "DisassociateAccessPolicy": eks_access.disassociate_access_policy,
    "ListAssociatedAccessPolicies": eks_access.list_associated_access_policies,
    "CreatePodIdentityAssociation": eks_pod_identities.create_pod_identity,
    "DescribePodIdentityAssociation": eks_pod_identities.describe_pod_identity,
    "UpdatePodIdentityAssociation": eks_pod_identities.update_pod_identity,
    "DeletePodIdentityAssociation": eks_pod_identities.delete_pod_identity,
    "ListPodIdentityAssociations": eks_pod_identities.list_pod_identities,
    "TagResource": eks_extras.tag_resource,
    "UntagResource": eks_extras.untag_resource,
    "ListTagsForResource": eks_extras.list_tags,
}
