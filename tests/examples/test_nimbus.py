"""A cloud that others wrote: installed from its own distribution, judged by the suite, used without a change here."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from soak.killing.product import Product, Refused

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "nimbus"
POOLS = "/nimbus/kubernetes/clusters/far/node-pools"
BODY = {
    "name": "far",
    "region": "lab-1",
    "network": {"cidr_block": "10.9.0.0/16"},
    "node_pool": {"name": "default", "machine_type": "small", "node_count": 2},
}


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> dict[str, str]:
    """The environment of a Python that has the distribution, as pip installs it from its sources."""
    sources = tmp_path_factory.mktemp("sources") / "nimbus"
    shutil.copytree(EXAMPLE, sources, ignore=shutil.ignore_patterns("__pycache__"))
    place = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    done = subprocess.run([*pip, "--target", place, sources], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(place), str(ROOT / "src")])}


class Running(Product):
    """`skyclust up` with real clouds only, of which Nimbus is one."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        command = [sys.executable, "-m", "skyclust.entrypoints.cli", "up", "--json", "--port", "0"]
        self.process = subprocess.Popen(
            [*command, "--data-dir", str(folder / "data")],
            stdout=subprocess.PIPE,
            env=environ | {"SKYCLUST_NIMBUS_FOLDER": str(folder / "cloud"), "SKYCLUST_CLOUD_SPEED": "200"},
        )
        self.ready = json.loads(self.process.stdout.readline())
        account = {"email": "first@example.com", "password": "a long pass phrase", "token": self._setup_token()}
        self.token = self.call("POST", "/auth/register", account)["access_token"]

    def _setup_token(self) -> str:
        return self.ready["setup_url"].partition("token=")[2]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)
        self.process.stdout.close()


@pytest.fixture
def running(installed, tmp_path):
    (tmp_path / "cloud").mkdir()
    (tmp_path / "cloud" / "keys.json").write_text('{"right-key": "lab"}')
    product = Running(tmp_path, installed)
    yield product
    product.stop()


def test_it_keeps_every_rule_where_it_is_installed(installed, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--basetemp={tmp_path / 'tests'}", "tests"],
        cwd=shutil.copytree(EXAMPLE / "tests", tmp_path / "example" / "tests").parent,
        env=installed, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "skipped" not in done.stdout


def test_the_product_makes_changes_and_deletes_clusters_on_it(running, tmp_path):
    assert "nimbus" in {item["name"] for item in running.call("GET", "/providers")["items"]}
    with pytest.raises(Refused, match="does not know this key"):
        running.call("POST", "/credentials", {"name": "lab", "provider": "nimbus", "data": {"key": "guessed"}})
    body = {"name": "lab", "provider": "nimbus", "data": {"key": "right-key"}}
    credential = running.call("POST", "/credentials", body)["id"]
    wanted = BODY | {"credential_id": credential}
    plan = running.call("POST", "/nimbus/kubernetes/clusters?dry_run=true", wanted)
    assert plan["usd_per_month"] == pytest.approx((0.05 + 2 * 0.08) * 730)

    running.succeeded(running.call("POST", "/nimbus/kubernetes/clusters", wanted))
    kinds = [document["kind"] for document in documents(tmp_path)]
    assert sorted(kinds) == ["cluster", "network", "pool", "subnet", "subnet"]
    running.succeeded(running.call("PUT", f"{POOLS}/default/scale", {"node_count": 3}))
    assert [item["fields"]["node_count"] for item in documents(tmp_path) if item["kind"] == "pool"] == [3]
    running.succeeded(running.call("DELETE", "/nimbus/kubernetes/clusters/far"))
    assert documents(tmp_path) == []


def documents(folder: Path) -> list[dict]:
    return [json.loads(file.read_text()) for file in (folder / "cloud" / "lab-1").glob("*.json")]
