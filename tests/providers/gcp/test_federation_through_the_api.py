"""A workspace whose Google Cloud account holds no key, through the whole application: entered, used, checked again.

The sandbox fetches the issuer's keys from the served application, as Google would.
"""

import asyncio
import json
import time
from contextlib import asynccontextmanager
from random import Random
from uuid import UUID

from federating import Trusting, is_key_set
from skyclust.credentials.issuing import issuer_at
from skyclust.credentials.judging import Schedule
from skyclust.credentials.models import tenant_name
from skyclust.credentials.rechecking import Rechecker
from skyclust.provisioning.engine import Engine
from skyclust.provisioning.pacing import Budget, Pace
from skyclust.provisioning.postgres import PostgresStore
from tenancy import kept_tables
from whole_app import served, whole

SPEED = 600
PATHS = ("/.well-known/openid-configuration", "/.well-known/jwks.json")
LIFETIME = 10 * 86_400


@asynccontextmanager
async def public(site, cloud):
    """The application behind a socket whose address is its public one, on real time, with Google Cloud in it."""
    site.parts.providers["gcp"] = cloud.provider
    site.clock.time = site.parts.clock.time = await asyncio.to_thread(_now)
    async with served(site.app) as (host, port):
        url = f"http://{host}:{port}"
        site.app.state.settings = site.parts.settings.model_copy(update={"public_url": url})
        site.parts.clouds.issuer = issuer_at(site.parts.keyring, url, site.clock.now)
        yield url


def _now():
    from datetime import UTC, datetime

    return datetime.now(UTC)
