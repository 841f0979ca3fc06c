"""Microsoft Azure: AKS clusters and virtual networks. Entry point `skyclust.providers`, name "azure".

Importing this folder loads no SDK: azure-core and azure-identity are imported when the first session makes a call.

credentials.py apis.py sdk.py tokens.py sessions.py   how a call reaches Azure Resource Manager
classifying.py   what an answer that is no success means
naming.py addressing.py options.py   pure rules: names, resource ids, CIDR blocks, switches of the request
catalog.py prices.py   what may be asked for and what it costs, from data/
blueprints.py validation.py network_validation.py   pure: graphs and findings
completing.py preflights.py inventories.py surveys.py (permissions.py quotas.py reading.py)   reads around a plan
imports.py import_clusters.py import_networks.py   what others made, in our words
drivers/   one module per kind of resource
"""

from __future__ import annotations

from collections.abc import Mapping

from skyclust.contract.provider import Provider
from skyclust.providers.azure.provider import AzureProvider


def provider(environ: Mapping[str, str]) -> Provider:
    """The entry point. `SKYCLUST_AZURE_ENDPOINT`, `_AUTHORITY` and `_CA_FILE` lead to a stand-in for Azure, if set."""
    return AzureProvider(environ)
