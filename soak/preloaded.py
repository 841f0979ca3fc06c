"""Imported by the warm interpreter of the product: fills the caches that every process would fill first thing.

Nothing here may start a thread or open a connection.
"""

from skyclust.contract.registry import load_providers
from skyclust.providers.aws import sessions

load_providers({}, without=frozenset({"sim"}))
sessions._new_sdk_session()
for service in ("ec2", "eks", "iam", "sts"):
    sessions._preload(service)
