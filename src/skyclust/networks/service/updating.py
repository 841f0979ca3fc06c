"""PATCH of a network: settings in the cloud, deletion protection, or both. Called by the routes of both trees."""

from __future__ import annotations

from skyclust.networks.parts import with_settings
from skyclust.networks.schemas import NetworkAnswer, NetworkPatchBody
from skyclust.networks.service.applying import Json
from skyclust.networks.service.changing import Change, change_network
from skyclust.networks.service.ground import Errand
from skyclust.networks.service.protecting import protect_network
from skyclust.networks.service.reading import get_network
from skyclust.provisioning.answers import PlanAnswer


async def update_network(
    errand: Errand, provider: str | None, wanted: str, body: NetworkPatchBody
) -> Json | NetworkAnswer | PlanAnswer:
    """The begun operation, or the plan on a dry run; the network where nothing of the cloud is to change."""
    standing = await get_network(errand, provider, wanted)
    if body.deletion_protection is not None and not body.of_the_cloud:
        return await protect_network(errand, standing, wanted=body.deletion_protection)
    change = Change(
        "network.update", "network.update_requested", body.of_the_cloud, lambda spec: with_settings(spec, body),
        protected=body.deletion_protection,
    )  # fmt: skip
    return await change_network(errand.citing(body.plan_digest), standing, change)
