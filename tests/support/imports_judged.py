"""The judge of imports against HTTP sandboxes: what a plan would do once everything is taken over as it is seen."""

from skyclust.contract.imports import Imported
from skyclust.contract.provider import Provider, Session
from skyclust.contract.resources import Phase, resolve, topological_order
from skyclust.contract.specs import ClusterSpec, network_from_json, network_to_json
from skyclust.provisioning.importing import Sight, following_plan, left_to_do


async def left_after_import(provider: Provider, session: Session, imported: Imported) -> list[tuple]:
    """(key, verb, changes) of each line that would do something; the spec goes through the database first."""
    spec = imported.spec
    if isinstance(spec, ClusterSpec):
        assert await provider.complete_cluster(session, spec) == spec
        again = ClusterSpec.from_json(spec.to_json())
        graph = provider.cluster_blueprint(again)
    else:
        graph = provider.network_blueprint(network_from_json(network_to_json(spec)))
    sights, outputs = [], {}
    nodes = {node.key: node for node in graph}
    for key in topological_order({node.key: node.depends_on for node in graph}):
        node, driver = nodes[key], provider.driver(nodes[key].kind)
        external_id = node.adopt_id or imported.ids.get(key)
        seen = None
        if driver.creates:
            assert external_id, f"{key} would be created"
            seen = await driver.observe(session, external_id, resolve(node.spec, outputs))
            assert seen is not None, key
            assert seen.phase is Phase.READY, (key, seen)
            outputs[key] = seen.outputs
        sights.append(Sight(node, external_id, seen, driver.creates))
    assert set(imported.ids) <= set(nodes)
    return [
        (line.key, line.verb, line.changes)
        for line in left_to_do(following_plan(provider, session.region, graph, sights))
    ]
