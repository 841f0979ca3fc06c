"""A cluster of the simulated cloud that leads to a real Kubernetes API: ours in the sandbox, or a real control plane."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from building import PATH, on_site
from kubernetes_fixtures import Kubectl
from skyclust.contract.provider import ClusterAccess, KubeToken
from skyclust.operations.router import router as operations_router

HERE = f"{PATH}/one"


def lead_to(sim, kubectl: Kubectl, *, endpoint: str | None = None, token: str | None = None) -> None:
    """Have every cluster of the simulated cloud reached where this kubectl reaches."""
    config = json.loads(kubectl.kubeconfig.read_text())
    cluster = config["clusters"][0]["cluster"]
    ca = base64.b64encode(Path(cluster["certificate-authority"]).read_bytes()).decode()
    access = ClusterAccess("one", endpoint or cluster["server"], ca)
    bearer = token or config["users"][0]["user"]["token"]

    async def kube_token(session, outputs):
        return KubeToken(bearer, datetime.now(UTC) + timedelta(minutes=15))

    sim.cluster_access = lambda outputs: access
    sim.kube_token = kube_token


def inside(postgres, kubectl: Kubectl, scenario):
    """Run `scenario(site)` with a ready cluster "one" that is the one that kubectl sees."""

    async def run(site):
        site.house.app.include_router(operations_router, prefix="/api/v1")
        await site.succeeded(await site.create())
        lead_to(site.sim, kubectl)
        await scenario(site)

    on_site(postgres, run)
