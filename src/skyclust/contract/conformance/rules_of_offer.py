"""Rule 8 and the promises without a number: an offer is data, blueprints are pure, findings name fields."""

from __future__ import annotations

import ipaddress
import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

import pytest

from skyclust.contract.conformance.running import run
from skyclust.contract.conformance.under_test import CloudUnderTest
from skyclust.contract.errors import NotSupported
from skyclust.contract.provider import Provider, Session
from skyclust.contract.resources import Finding, Graph
from skyclust.contract.specs import ClusterSpec, FirewallRuleSpec, Gpu, SecurityGroupSpec, SubnetSpec

#: Capabilities that name a cluster mode start with this: "cluster.standard", "cluster.autopilot".
MODE_CAPABILITY = "cluster."
SDKS = ("botocore", "aiobotocore", "boto3", "googleapiclient", "google.auth", "azure")


class OfferRules:
    """Rules judged without a call to the cloud, but for the pre-flight."""

    def test_regions_and_zones_are_sorted_and_hold_the_one_under_test(self, cloud: CloudUnderTest) -> None:
        regions = cloud.provider.regions()
        assert cloud.region in regions
        assert list(regions) == sorted(set(regions))
        for region in regions:
            zones = cloud.provider.zones(region)
            assert zones, f"{region} has no zone"
            assert list(zones) == sorted(set(zones))
        assert cloud.provider.zones("no-such-region") == ()

    def test_versions_come_newest_first_with_one_default(self, cloud: CloudUnderTest) -> None:
        versions = cloud.provider.kubernetes_versions()
        numbers = [tuple(int(part) for part in version.name.split(".")[:2]) for version in versions]
        assert numbers == sorted(set(numbers), reverse=True)
        assert [version.default for version in versions].count(True) == 1

    def test_machine_types_are_sorted_and_their_prices_have_a_source(self, cloud: CloudUnderTest) -> None:
        types = cloud.provider.machine_types(cloud.region)
        assert types
        assert [item.name for item in types] == sorted({item.name for item in types})
        for item in types:
            assert item.vcpu > 0, item
            assert item.memory_gib > 0, item
            if item.price is not None:
                assert item.price.usd_per_hour > 0, item
                assert item.price.source, item
                assert item.price.as_of, item

    def test_schemas_are_objects_that_a_form_can_be_drawn_from(self, cloud: CloudUnderTest) -> None:
        for schema in (cloud.provider.credential_schema, cloud.provider.cluster_options_schema):
            assert schema["type"] == "object", schema
            for name, field in schema.get("properties", {}).items():
                assert field.get("title") or field.get("description"), f"{name} has neither title nor description"

    def test_blueprints_are_pure_and_survive_the_database(self, cloud: CloudUnderTest) -> None:
        for make in _blueprints(cloud):
            first, second = make(), make()
            assert first == second
            assert json.loads(json.dumps([node.spec for node in first])) == [node.spec for node in first]

    def test_every_node_has_a_driver_and_a_title(self, cloud: CloudUnderTest) -> None:
        for make in _blueprints(cloud):
            for node in make():
                driver = cloud.provider.driver(node.kind)
                assert driver.kind == node.kind
                assert node.title, node.key
                for action in ("create", "update", "delete"):
                    assert driver.expected_seconds(action, node.spec) >= 0, node.key
        with pytest.raises(KeyError):
            cloud.provider.driver(f"{cloud.provider.name}.no.such.kind")

    def test_blueprints_hold_the_keys_that_others_rely_on(self, cloud: CloudUnderTest) -> None:
        graph = cloud.provider.network_blueprint(cloud.network)
        subnets = [node for node in graph if node.key.startswith("subnet/")]
        assert graph["network"]
        assert subnets, "a carved network has a subnet"
        assert all("network" in node.depends_on for node in subnets), subnets
        for spec in cloud.clusters.values():
            graph = cloud.provider.cluster_blueprint(spec)
            assert graph["cluster"]
            assert graph["network"], "a cluster with a network of its own has a node 'network'"
            for pool in spec.node_pools:
                assert "cluster" in graph[f"node-pool/{pool.name}"].depends_on

    def test_subnets_and_security_groups_that_were_asked_for_have_nodes(self, cloud: CloudUnderTest) -> None:
        rule = FirewallRuleSpec("ingress", "tcp", 443, 443, ("0.0.0.0/0",))
        group = SecurityGroupSpec("web", "from anywhere", (rule,))
        zone = cloud.provider.zones(cloud.region)[0]
        block = next(ipaddress.ip_network(cloud.network.cidr_block).subnets(new_prefix=24))
        subnet = SubnetSpec("mine", str(block), zone)
        spec = replace(cloud.network, carve=False, subnets=(subnet,), security_groups=(group,))
        keys = {node.key for node in cloud.provider.network_blueprint(spec)}
        assert "subnet/mine" in keys, sorted(keys)
        assert any(key == "security-group/web" or key.startswith("security-group/web/") for key in keys), sorted(keys)

    def test_a_cluster_has_a_price_with_provenance(self, cloud: CloudUnderTest) -> None:
        for spec in cloud.clusters.values():
            graph = cloud.provider.cluster_blueprint(spec)
            prices = [price for node in graph if (price := cloud.provider.monthly_price(node, cloud.region))]
            assert sum(usd for usd, _ in prices) > 0, f"{spec.mode}: nothing has a price"
            assert all(price.source and price.as_of for _, price in prices)

    def test_what_is_asked_for_here_is_valid(self, cloud: CloudUnderTest) -> None:
        assert not _errors(cloud.provider.validate_network(cloud.network))
        for spec in cloud.clusters.values():
            assert not _errors(cloud.provider.validate_cluster(spec)), spec.mode

    def test_bad_input_is_named_with_its_field(self, cloud: CloudUnderTest) -> None:
        good = cloud.clusters["standard"]
        pool = good.node_pools[0]
        bad: dict[str, ClusterSpec] = {
            "name": replace(good, name="No_Cloud takes this! " * 20),
            "version": replace(good, version="0.9"),
            "region": replace(good, region="atlantis-1"),
            "machine_type": replace(good, node_pools=(replace(pool, machine_type="abacus.large"),)),
        }
        for field, spec in bad.items():
            found = _errors(cloud.provider.validate_cluster(spec))
            assert found, f"a bad {field} was accepted"
            assert any(finding.field.endswith(field) for finding in found), f"{field}: {found}"
            assert all(len(finding.message) > 10 for finding in found), found

    def test_several_machine_types_in_one_pool_are_taken_or_refused_as_declared(self, cloud: CloudUnderTest) -> None:
        good = cloud.clusters["standard"]
        pool = good.node_pools[0]
        asked = replace(good, node_pools=(replace(pool, other_types=(pool.machine_type,)),))
        refused = [item for item in _errors(cloud.provider.validate_cluster(asked)) if "machine_types" in item.field]
        assert bool(refused) != ("node_pools.machine_types" in cloud.provider.capabilities), refused

    def test_gpus_are_told_by_machine_types_and_asked_of_those_only(self, cloud: CloudUnderTest) -> None:
        gpus = {item.name: item.gpu for item in cloud.provider.machine_types(cloud.region) if item.gpu is not None}
        assert bool(gpus) == ("node_pools.gpu" in cloud.provider.capabilities), sorted(gpus)
        good = cloud.clusters["standard"]
        pool = replace(good.node_pools[0], gpu=Gpu("abacus", 1))
        found = _errors(cloud.provider.validate_cluster(replace(good, node_pools=(pool,))))
        assert any("/gpu" in finding.field for finding in found), found
        for name, gpu in list(gpus.items())[:1]:
            fit = replace(pool, name=f"{pool.name}-g", machine_type=name, gpu=gpu)
            both = replace(good, node_pools=(good.node_pools[0], fit))
            assert not [item for item in _errors(cloud.provider.validate_cluster(both)) if "/gpu" in item.field]

    def test_a_network_that_cannot_be_is_refused_with_its_field(self, cloud: CloudUnderTest) -> None:
        found = _errors(cloud.provider.validate_network(replace(cloud.network, cidr_block="10.0.0.0/31")))
        assert any("cidr" in finding.field for finding in found), found

    def test_declared_modes_work_and_undeclared_ones_are_refused(self, cloud: CloudUnderTest) -> None:
        declared = {
            item.removeprefix(MODE_CAPABILITY)
            for item in cloud.provider.capabilities
            if item.startswith(MODE_CAPABILITY)
        }
        assert declared == set(cloud.clusters), "every declared mode is under test, and no other"
        unknown = replace(cloud.clusters["standard"], mode="imaginary")
        assert any("mode" in finding.field for finding in _errors(cloud.provider.validate_cluster(unknown)))
        with pytest.raises(NotSupported):
            cloud.provider.cluster_blueprint(unknown)

    def test_preflight_of_what_is_possible_finds_no_error(self, cloud: CloudUnderTest) -> None:
        async def story(session: Session) -> None:
            assert not _errors(await cloud.provider.preflight_network(session, cloud.network))
            for spec in cloud.clusters.values():
                completed = await cloud.provider.complete_cluster(session, spec)
                assert not _errors(await cloud.provider.preflight_cluster(session, completed)), spec.mode

        cloud.world.reset()
        run(cloud, story)
        assert cloud.world.resources() == (), "a pre-flight created something"

    def test_a_completed_cluster_stays_the_same_when_completed_again(self, cloud: CloudUnderTest) -> None:
        async def story(session: Session) -> None:
            for spec in cloud.clusters.values():
                once = await cloud.provider.complete_cluster(session, spec)
                assert await cloud.provider.complete_cluster(session, once) == once
                assert ClusterSpec.from_json(json.loads(json.dumps(once.to_json()))) == once

        cloud.world.reset()
        run(cloud, story)

    def test_importing_the_provider_imports_no_sdk(self, cloud: CloudUnderTest) -> None:
        module = _home_of(cloud.provider)
        code = f"import sys, {module} as m; m.provider({{}}); print([name for name in {SDKS!r} if name in sys.modules])"
        told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)  # noqa: S603 - our own interpreter and module
        assert told.returncode == 0, told.stderr
        assert told.stdout.strip() == "[]", told.stdout

    def test_connecting_is_free_and_closing_is_idempotent(self, cloud: CloudUnderTest) -> None:
        cloud.world.reset()
        before = cloud.world.calls()

        async def story(session: Session) -> None:
            assert session.region == cloud.region
            assert isinstance(session, Session)

        run(cloud, story)
        assert cloud.world.calls() == before, "connect or close made a network call"


def _home_of(provider: Provider) -> str:
    """The package with the entry point `provider`, the one that everybody imports."""
    words = type(provider).__module__.split(".")
    packages = [".".join(words[:count]) for count in range(1, len(words) + 1)]
    return next(name for name in packages if callable(getattr(sys.modules[name], "provider", None)))


def _blueprints(cloud: CloudUnderTest) -> list[Callable[[], Graph]]:
    clusters = [partial(cloud.provider.cluster_blueprint, spec) for spec in cloud.clusters.values()]
    return [partial(cloud.provider.network_blueprint, cloud.network), *clusters]


def _errors(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity == "error"]
