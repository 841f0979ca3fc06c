"""What may be done with networks; what clusters may ask of them. The slice's only door besides schemas and errors."""

from skyclust.networks.cidrs import free_block, network_cidr_errors
from skyclust.networks.service.applying import Begin, Json, begun, once, recall
from skyclust.networks.service.belonging import (
    Owner,
    as_uuid,
    blocks_in,
    find_network,
    record_use,
    register_owned,
    vpc_id_of,
)
from skyclust.networks.service.creating import create_network, overlap_warnings
from skyclust.networks.service.ground import Account, Errand, ErrandDep, Ground, ReadingDep, account_for

__all__ = [
    "Account",
    "Begin",
    "Errand",
    "ErrandDep",
    "Ground",
    "Json",
    "Owner",
    "ReadingDep",
    "account_for",
    "as_uuid",
    "begun",
    "blocks_in",
    "create_network",
    "find_network",
    "free_block",
    "network_cidr_errors",
    "once",
    "overlap_warnings",
    "recall",
    "record_use",
    "register_owned",
    "vpc_id_of",
]
