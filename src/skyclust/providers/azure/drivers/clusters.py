"""AKS clusters. Called by the engine for the kind azure.containerservice.cluster.

Names are unique in a resource group and tags are part of the create call, so a repeated call finds its own cluster. A
PUT replaces the whole cluster: `update` reads, changes and writes it back on the condition that nobody else has.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

import yaml

from skyclust.contract.errors import ProviderError, Unclassified
from skyclust.contract.provider import Session
from skyclust.contract.resources import Change, JsonObject, Mark, Observed, Phase
from skyclust.providers.azure.classifying import Busy, Changed, NotFound
from skyclust.providers.azure.drivers import cluster_bodies as bodies
from skyclust.providers.azure.drivers.arm import NEW_ONLY, ArmDriver, merged, phase_of, unchanged
from skyclust.providers.azure.drivers.failures import raise_failure
from skyclust.providers.azure.sessions import AzureSession, azure_session, operation_of


class ClusterDriver(ArmDriver):
    """Implements `contract.provider.Driver`."""

    kind = "azure.containerservice.cluster"
    type = "Microsoft.ContainerService/managedClusters"
    noun = "cluster"
    seconds = {"create": 251.0, "update": 120.0, "delete": 492.0}  # noqa: RUF012 - a constant of the class

    def fields(self, document: JsonObject) -> JsonObject:
        """See cluster_bodies.py."""
        return bodies.observed_cluster("", document, {}).fields

    async def find(self, session: Session, mark: Mark, spec: JsonObject) -> Observed | None:
        """By name and tags."""
        az = azure_session(session)
        path = self.path(az, spec)
        cluster = await az.get_or_none(path)
        if cluster is None:
            return None
        if not self.owned(mark, cluster):
            raise self.taken(path)
        return await observed(az, path, cluster)

    async def observe(self, session: Session, external_id: str, spec: JsonObject) -> Observed | None:
        """One read; one more for the kubeconfig once the cluster is up."""
        del spec
        az = azure_session(session)
        cluster = await az.get_or_none(external_id)
        return None if cluster is None else await observed(az, external_id, cluster)

    async def create(self, session: Session, mark: Mark, spec: JsonObject) -> Observed:
        """The cluster with its spare pool."""
        az = azure_session(session)
        found = await self.find(az, mark, spec)
        if found is not None:
            return found
        path = self.path(az, spec)
        try:
            await az.put(path, bodies.cluster_body(spec, mark), NEW_ONLY)
        except Changed as error:
            return await self._adopted(az, mark, spec, error)
        return Observed(path, Phase.SETTLING, {"id": path, "name": spec["name"]}, message="being created")

    def diff(self, spec: JsonObject, observed: Observed) -> tuple[Change, ...]:
        """What can change in place; the rest of a cluster is fixed with its name."""
        return bodies.cluster_changes(spec, observed)

    async def update(
        self, session: Session, external_id: str, spec: JsonObject, changes: tuple[Change, ...], mark: Mark
    ) -> None:
        """One PUT: all switches together, or the next version."""
        del mark
        if not changes:
            return
        az = azure_session(session)
        cluster = await az.get(external_id)
        raise_failure(az, external_id, cluster)
        if phase_of(cluster) is Phase.SETTLING:
            raise Busy("The cluster is being changed already.", operation=operation_of("PUT", external_id))
        if changes[0].field == "version":
            body = bodies.upgraded_body(cluster, bodies.next_version(str(changes[0].before), spec["version"]))
        else:
            body = bodies.changed_body(cluster, spec)
        await az.put(external_id, merged(body, {}), unchanged(cluster))


async def observed(az: AzureSession, external_id: str, cluster: JsonObject) -> Observed:
    """A cluster as the engine sees it; surveys call this, too."""
    access: JsonObject = {}
    up = bodies.came_up(cluster) and not bodies.is_stopped(cluster)
    if up and phase_of(cluster) in (Phase.READY, Phase.FAILED):
        access = await cluster_access(az, external_id)
    return bodies.observed_cluster(external_id, cluster, access)


async def cluster_access(az: AzureSession, external_id: str) -> JsonObject:
    """Address and certificate authority, which AKS tells in a kubeconfig only. What else is in it is thrown away."""
    try:
        answer = await az.post(external_id, "listClusterUserCredential", format="exec")
    except NotFound:
        return {}
    return parse_kubeconfig(answer, operation_of("POST", f"{external_id}/listClusterUserCredential"))


def parse_kubeconfig(answer: JsonObject, operation: str) -> JsonObject:
    """{"endpoint", "ca_data"} of the first kubeconfig in the answer."""
    try:
        text = base64.b64decode(answer["kubeconfigs"][0]["value"])
        cluster: Any = yaml.safe_load(text)["clusters"][0]["cluster"]
        return {"endpoint": str(cluster["server"]), "ca_data": str(cluster["certificate-authority-data"])}
    except (KeyError, IndexError, TypeError, ValueError, binascii.Error, yaml.YAMLError):
        raise unreadable(operation) from None


def unreadable(operation: str) -> ProviderError:
    """Nothing of the kubeconfig goes into the message."""
    return Unclassified("Azure answered with a kubeconfig that cannot be read.", operation=operation)
