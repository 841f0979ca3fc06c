"""What may be done with networks; what clusters may ask of them. The slice's only door besides schemas and errors."""

from skyclust.networks.cidrs import free_block, network_cidr_errors
from skyclust.networks.queries import forget_use, hold
from skyclust.networks.ranges import overlap_findings
from skyclust.networks.service.allowing import with_quotas
from skyclust.networks.service.applying import Begin, Json, begun, keep, once, recall
from skyclust.networks.service.belonging import (
    Owner,
    as_uuid,
    find_network,
    record_use,
    register_owned,
    vpc_id_of,
)
from skyclust.networks.service.changing import Change, SpecChange, change_network, check_credential, install
from skyclust.networks.service.charting import network_topology
from skyclust.networks.service.creating import create_network
from skyclust.networks.service.deleting import delete_network, deletion_plan
from skyclust.networks.service.ground import Account, Errand, ErrandDep, Ground, ReadingDep, account_for
from skyclust.networks.service.importing import (
    import_network,
    list_importable,
    manage_network,
    region_in,
    release_network,
    told,
)
from skyclust.networks.service.inventories import blockers_among, foreign_findings, inventory_of
from skyclust.networks.service.mending import Whole, mend, release
from skyclust.networks.service.parts import Part, find_part, group_answer, list_parts, subnet_answer
from skyclust.networks.service.peering import create_peering, delete_peering, peering_answer
from skyclust.networks.service.protecting import (
    nothing_in_the_cloud,
    protect_network,
    protection_findings,
    refuse_protected,
    refuse_protected_network,
    set_protection,
)
from skyclust.networks.service.ranging import RangeWish, free_ranges, ranges_seen_from, settled_block
from skyclust.networks.service.reading import answer_of, answer_page, get_network
from skyclust.networks.service.repairing import repair_network
from skyclust.networks.service.takeover import (
    Takeover,
    check_name,
    describe,
    existing_again,
    importable_page,
    look,
    refuse_taken,
    was_imported,
)
from skyclust.networks.service.undoing import refuse_undo_of_used
from skyclust.networks.service.updating import update_network

__all__ = [
    "Account",
    "Begin",
    "Change",
    "Errand",
    "ErrandDep",
    "Ground",
    "Json",
    "Owner",
    "Part",
    "RangeWish",
    "ReadingDep",
    "SpecChange",
    "Takeover",
    "Whole",
    "account_for",
    "answer_of",
    "answer_page",
    "as_uuid",
    "begun",
    "blockers_among",
    "change_network",
    "check_credential",
    "check_name",
    "create_network",
    "create_peering",
    "delete_network",
    "delete_peering",
    "deletion_plan",
    "describe",
    "existing_again",
    "find_network",
    "find_part",
    "foreign_findings",
    "forget_use",
    "free_block",
    "free_ranges",
    "get_network",
    "group_answer",
    "hold",
    "import_network",
    "importable_page",
    "install",
    "inventory_of",
    "keep",
    "list_importable",
    "list_parts",
    "look",
    "manage_network",
    "mend",
    "network_cidr_errors",
    "network_topology",
    "nothing_in_the_cloud",
    "once",
    "overlap_findings",
    "peering_answer",
    "protect_network",
    "protection_findings",
    "ranges_seen_from",
    "recall",
    "record_use",
    "refuse_protected",
    "refuse_protected_network",
    "refuse_taken",
    "refuse_undo_of_used",
    "region_in",
    "register_owned",
    "release",
    "release_network",
    "repair_network",
    "set_protection",
    "settled_block",
    "subnet_answer",
    "told",
    "update_network",
    "vpc_id_of",
    "was_imported",
    "with_quotas",
]
