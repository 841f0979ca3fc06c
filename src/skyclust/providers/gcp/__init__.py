"""Google Cloud: GKE clusters and VPC networks. Entry point `skyclust.providers`, name "gcp".

Importing this folder loads no SDK: googleapiclient and google-auth are imported when the first session makes a call.

credentials.py apis.py sdk.py federation.py tokens.py sessions.py   how a call reaches Google
classifying.py   what an answer that is no success means
naming.py addressing.py options.py traces.py   pure rules: names, CIDR blocks, switches of the request
catalog.py prices.py   what may be asked for and what it costs, from data/
blueprints.py validation.py network_validation.py   pure: graphs and findings
completing.py preflights.py inventories.py (permissions.py quotas.py reading.py)   reads around a plan
drivers/   one module per kind of resource
"""

from __future__ import annotations

from collections.abc import Mapping

from skyclust.contract.provider import Provider
from skyclust.providers.gcp.provider import GcpProvider


def provider(environ: Mapping[str, str]) -> Provider:
    """The entry point. `SKYCLUST_GCP_ENDPOINT`, `_TOKEN_URI` and `_STS_URI` lead to a stand-in for Google, if set."""
    return GcpProvider(environ)
