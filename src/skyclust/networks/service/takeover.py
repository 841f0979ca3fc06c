"""Look at what exists before it is taken over. Used by the imports of networks and of clusters.

Law: no database session is open while the cloud is read. Invariant: nothing here changes anything, here or there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.contract.imports import Existing, Imported, Importing
from skyclust.contract.provider import Provider, Session
from skyclust.contract.resources import Finding, Graph, topological_order
from skyclust.contract.specs import ClusterSpec, NetworkSpec
from skyclust.kit.pagination import Page, decode_cursor, encode_cursor, page_of
from skyclust.kit.problems import FieldError, invalid
from skyclust.networks import queries
from skyclust.networks.errors import (
    cannot_import,
    import_not_offered,
    marked_by_another,
    nothing_to_import,
    several_in_cloud,
    taken_already,
)
from skyclust.networks.queries import Holder
from skyclust.networks.schemas import ImportableAnswer, ImportBody
from skyclust.networks.service.allowing import with_quotas
from skyclust.networks.service.ground import Account, Errand
from skyclust.provisioning.answers import ImportPlanAnswer, covering, plan_answer, planned_changes
from skyclust.provisioning.importing import (
    Sight,
    findings_of,
    following_plan,
    left_to_do,
    only_observed,
    softened,
)
from skyclust.provisioning.operating import list_operations
from skyclust.provisioning.planning import Plan, PlannedChange, plan_import, resolve_known
from skyclust.provisioning.pricing import cost_of_making, price_of
from skyclust.provisioning.rows import ResourceRow
from skyclust.workspaces.service import Use

#: Longest name that the tables of clusters and networks take.
MAX_NAME = 100

What = Literal["cluster", "network"]


@dataclass(frozen=True, slots=True)
class Takeover:
    """What exists, in our words, and what would follow from taking it over."""

    what: What
    existing: Existing
    imported: Imported
    graph: Graph
    following: tuple[PlannedChange, ...]
    findings: tuple[Finding, ...]
    managed: bool

    def plan(self, spec: object, rows: Sequence[ResourceRow] = ()) -> Plan:
        """The plan of the import. Its digest covers the whole spec and what would follow."""
        plan = plan_import(self.graph, self.imported.ids if self.managed else {}, rows, self.findings)
        seen = covering(plan.digest, spec, self.managed, [[line.key, line.verb.value] for line in self.following])
        return Plan(plan.changes, plan.usd_per_month, plan.expected_seconds, plan.findings, seen)

    async def answer(self, errand: Errand, account: Account, plan: Plan) -> ImportPlanAnswer:
        """The answer of a dry run, with what the workspace's quotas say."""
        shown = ImportPlanAnswer(
            **plan_answer(plan).model_dump(), managed=self.managed, following=planned_changes(self.following)
        )
        return await with_quotas(errand, account.workspace_id, shown, self.wanted(errand.provider(account.provider)))

    def wanted(self, provider: Provider) -> Use:
        """What the workspace has more of once it is managed; nothing of what is only observed."""
        if not self.managed:
            return Use()
        spec = self.imported.spec
        usd = cost_of_making(self.graph, price_of(provider, self.existing.region))
        return Use(1, spec.most_nodes, usd) if isinstance(spec, ClusterSpec) else Use(usd_per_month=usd)

    def refuse_unfit(self) -> None:
        """422 when something forbids to manage it."""
        errors = [finding for finding in self.findings if finding.severity == "error"]
        if errors:
            raise cannot_import(self.what, self.existing.name, errors)


def importing(provider: Provider) -> Importing:
    """The provider as one that imports; 422 when it does not offer that."""
    if "import" not in provider.capabilities or not isinstance(provider, Importing):
        raise import_not_offered(provider.title)
    return provider


async def existing_in(errand: Errand, account: Account, region: str, what: What) -> list[Existing]:
    """What the cloud shows now."""
    source = importing(errand.provider(account.provider))
    async with errand.cloud(account.workspace_id, account.credential_id, region) as cloud:
        found = await source.existing(cloud)
    return [item for item in found if item.what == what]


async def importable_page(
    errand: Errand, account: Account, region: str, what: What, *, limit: int, cursor: str | None
) -> Page[ImportableAnswer]:
    """One page of what exists, with who has it already."""
    key = decode_cursor(cursor, 2)
    found = sorted(await existing_in(errand, account, region, what), key=lambda item: (item.name, item.external_id))
    left = [item for item in found if key is None or (item.name, item.external_id) > key]
    shown, following = page_of(left[: limit + 1], limit, lambda item: encode_cursor(item.name, item.external_id))
    async with errand.session() as session:
        ids = [item.external_id for item in shown]
        holders = await queries.holders(session, what, account, region, ids)
    return Page(items=[_importable(errand, item, holders) for item in shown], next_cursor=following)


def _importable(errand: Errand, item: Existing, holders: Mapping[str, Holder]) -> ImportableAnswer:
    holder = holders.get(item.external_id)
    known = holder is not None and holder.workspace_id in errand.caller.workspaces
    return ImportableAnswer(
        name=item.name,
        external_id=item.external_id,
        region=item.region,
        version=item.version or None,
        cidr_block=item.cidr_block or None,
        taken=holder is not None,
        id=holder.id if holder is not None and known else None,
        mark=item.owner.proof if item.owner is not None else None,
    )


async def look(errand: Errand, account: Account, region: str, what: What, body: ImportBody) -> Takeover:
    """Find what is meant, describe it, look at each part, plan what would follow. 404, 409 or 422 otherwise."""
    found = _meant(what, region, body, await existing_in(errand, account, region, what))
    async with errand.session() as session:
        await refuse_taken(session, errand, what, account, found)
    return await describe(errand, account, what, found, managed=body.managed)


async def describe(errand: Errand, account: Account, what: What, found: Existing, *, managed: bool) -> Takeover:
    """What exists, in our words, as it is now."""
    provider = errand.provider(account.provider)
    source = importing(provider)
    if managed and found.owner is not None:
        raise marked_by_another(what, found.name, found.owner.proof)
    async with errand.cloud(account.workspace_id, account.credential_id, found.region) as cloud:
        if what == "cluster":
            imported = await source.import_cluster(cloud, found.external_id)
        else:
            imported = await source.import_network(cloud, found.external_id)
        blueprint = blueprint_of(provider, imported.spec)
        graph = blueprint if managed else only_observed(blueprint, imported.ids)
        sights = await _look_at(provider, cloud, graph, imported.ids)
    following = left_to_do(following_plan(provider, found.region, graph, sights))
    findings = (*imported.findings, *findings_of(sights, following))
    if not managed:
        marked = () if found.owner is None else (_marked(found.owner.proof),)
        findings = (*softened(findings), *marked)
    return Takeover(what, found, imported, graph, following, findings, managed)


def blueprint_of(provider: Provider, spec: ClusterSpec | NetworkSpec) -> Graph:
    """The graph of either."""
    if isinstance(spec, ClusterSpec):
        return provider.cluster_blueprint(spec)
    return provider.network_blueprint(spec)


def _marked(proof: str) -> Finding:
    return Finding("warning", "", f"It carries a mark of SkyClust ({proof}): somebody manages it already.", "marked")


def _meant(what: What, region: str, body: ImportBody, existing: Sequence[Existing]) -> Existing:
    found = [item for item in existing if body.external_id == item.external_id or body.name == item.name]
    if not found:
        wanted = body.external_id or body.name or ""
        raise nothing_to_import(what, wanted, region, [item.name or item.external_id for item in existing])
    if len(found) > 1:
        raise several_in_cloud(what, found[0].name, [item.external_id for item in found])
    return found[0]


async def refuse_taken(
    session: AsyncSession, errand: Errand, what: What, account: Account, found: Existing, but: UUID | None = None
) -> None:
    """409 when this installation has it already; another workspace's is not named."""
    holder = (await queries.holders(session, what, account, found.region, [found.external_id])).get(found.external_id)
    if holder is not None and holder.id != but:
        visible = holder.workspace_id in errand.caller.workspaces
        raise taken_already(what, found.name, holder.id if visible else None)


async def _look_at(provider: Provider, cloud: Session, graph: Graph, ids: Mapping[str, str]) -> list[Sight]:
    """Each node as the cloud shows it, dependencies first, since a spec may refer to what they turn out to be."""
    sights: dict[str, Sight] = {}
    outputs: dict[str, dict[str, object]] = {}
    for key in topological_order({node.key: node.depends_on for node in graph}):
        node = graph[key]
        driver, external_id = provider.driver(node.kind), node.adopt_id or ids.get(key)
        seen = None
        spec = resolve_known(node.spec, outputs)
        if driver.creates and external_id is not None and spec is not None:
            seen = await driver.observe(cloud, external_id, spec)
        if seen is not None or not driver.creates:
            outputs[key] = seen.outputs if seen is not None else {}
        sights[key] = Sight(node, external_id, seen, driver.creates)
    return [sights[node.key] for node in graph]


async def existing_again(errand: Errand, account: Account, region: str, what: What, external_id: str) -> Existing:
    """What was imported read-only, as the cloud lists it now; 404 when it is gone."""
    found = await existing_in(errand, account, region, what)
    for item in found:
        if item.external_id == external_id:
            return item
    raise nothing_to_import(what, external_id, region, [item.name or item.external_id for item in found])


async def was_imported(session: AsyncSession, workspace_id: UUID, target_id: UUID, kind: str) -> bool:
    """True when there is somebody to give it back to."""
    found, _ = await list_operations(session, workspace_ids=[workspace_id], target_id=target_id, kind=kind, limit=1)
    return bool(found)


def check_name(what: str, name: str) -> None:
    """422 when its name does not fit into our books."""
    if not 0 < len(name) <= MAX_NAME:
        detail = f"The {what}'s name has {len(name)} characters; 1 to {MAX_NAME} fit here. Rename it in the cloud."
        raise invalid([FieldError("/name", detail)])
