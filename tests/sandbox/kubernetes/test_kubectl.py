"""What kubectl does with a cluster, ours and a real one alike. Where the two differ, ours is wrong."""

import json
import subprocess
import time

import pytest

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: main
        image: nginx:1.27
        ports: [{containerPort: 80}]
        env: [{name: A, value: "1"}]
        resources: {requests: {cpu: 100m, memory: 64Mi}}
"""
CONFIG = """
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, labels: {tier: one}}
data: {a: "1", b: "2"}
"""
DEFINITION = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: pumps.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: pumps, singular: pump, kind: Pump, shortNames: [pu]}
  versions:
  - name: v1
    served: true
    storage: true
    additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size}]
    schema:
      openAPIV3Schema:
        type: object
        properties: {spec: {type: object, properties: {size: {type: integer}}}}
"""


def workload(kind: str, name: str, **spec) -> str:
    pod = {"containers": [{"name": "main", "image": "nginx:1.27"}]}
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": pod}
    whole = {"selector": {"matchLabels": labels}, "template": template, **spec}
    return json.dumps({"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name}, "spec": whole})


class TestKubectl:
    def test_the_server_says_what_it_is_and_what_it_serves(self, cluster):
        server = cluster.json("version")["serverVersion"]
        assert server["major"] == "1"
        assert server["gitVersion"].startswith(f"v1.{server['minor']}.")
        rows = [line.split() for line in cluster.run("api-resources", "--no-headers").splitlines()]
        for row in (
            ["pods", "po", "v1", "true", "Pod"],
            ["nodes", "no", "v1", "false", "Node"],
            ["configmaps", "cm", "v1", "true", "ConfigMap"],
            ["secrets", "v1", "true", "Secret"],
            ["deployments", "deploy", "apps/v1", "true", "Deployment"],
            ["statefulsets", "sts", "apps/v1", "true", "StatefulSet"],
            ["cronjobs", "cj", "batch/v1", "true", "CronJob"],
            ["poddisruptionbudgets", "pdb", "policy/v1", "true", "PodDisruptionBudget"],
            ["storageclasses", "sc", "storage.k8s.io/v1", "false", "StorageClass"],
            ["ingresses", "ing", "networking.k8s.io/v1", "true", "Ingress"],
            ["endpointslices", "discovery.k8s.io/v1", "true", "EndpointSlice"],
            ["horizontalpodautoscalers", "hpa", "autoscaling/v2", "true", "HorizontalPodAutoscaler"],
            ["selfsubjectaccessreviews", "authorization.k8s.io/v1", "false", "SelfSubjectAccessReview"],
        ):
            assert row in rows
        assert {"v1", "apps/v1", "batch/v1", "policy/v1"} <= set(cluster.run("api-versions").split())
        assert "kube-system" in cluster.run("get", "namespaces")
        assert "<string>" in cluster.run("explain", "deployment.spec.template.spec.containers.image")

    def test_nodes_are_ready_and_described(self, cluster):
        lines = cluster.run("get", "nodes").splitlines()
        assert lines[0].split() == ["NAME", "STATUS", "ROLES", "AGE", "VERSION"]
        assert [line.split()[:2] for line in lines[1:]] == [[f"node-{x}", "Ready"] for x in "abc"]
        wide = cluster.run("get", "nodes", "-o", "wide").splitlines()[0]
        assert "INTERNAL-IP" in wide
        assert "CONTAINER-RUNTIME" in wide
        columns = "custom-columns=N:.metadata.name,Z:.metadata.labels.topology\\.kubernetes\\.io/zone"
        assert cluster.run("get", "node", "node-b", "-o", columns).split() == ["N", "Z", "node-b", "zone-b"]
        assert cluster.names("nodes", "-l", "topology.kubernetes.io/zone in (zone-b)") == ["node/node-b"]
        assert cluster.names("nodes", "-l", "pool=it,topology.kubernetes.io/zone!=zone-a") == ["node/node-b"]
        assert cluster.names("nodes", "--field-selector", "metadata.name=node-c") == ["node/node-c"]
        described = cluster.run("describe", "node", "node-a")
        assert "KubeletReady" in described or "Ready" in described
        assert "Allocated resources:" in described
        assert "node-a" in cluster.run("get", "leases", "-n", "kube-node-lease")

    def test_a_deployment_lives_from_creation_to_deletion(self, kubectl):
        kubectl.run("create", "deployment", "web", "--image=nginx:1.27", "--replicas=3")
        assert "successfully rolled out" in kubectl.run("rollout", "status", "deployment/web", "--timeout=30s")
        row = kubectl.run("get", "deployment", "web", "--no-headers").split()
        assert row[:4] == ["web", "3/3", "3", "3"]
        pods = kubectl.json("get", "pods", "-l", "app=web")["items"]
        assert {pod["status"]["phase"] for pod in pods} == {"Running"}
        assert {pod["spec"]["nodeName"] for pod in pods} <= {"node-a", "node-b", "node-c"}
        assert pods[0]["metadata"]["generateName"].startswith("web-")
        assert pods[0]["metadata"]["name"] != pods[1]["metadata"]["name"]
        assert "NewReplicaSetAvailable" in kubectl.run("describe", "deployment", "web")
        described = kubectl.run("describe", "pod", pods[0]["metadata"]["name"])
        assert f"Successfully assigned {kubectl.namespace}/{pods[0]['metadata']['name']} to node-" in described
        assert "Created pod: web-" in kubectl.run("get", "events", "--field-selector=reason=SuccessfulCreate")
        assert kubectl.run("scale", "deployment/web", "--replicas=1") == "deployment.apps/web scaled\n"
        kubectl.run("wait", "deployment/web", "--for=jsonpath={.status.replicas}=1", "--timeout=20s")
        kubectl.until(lambda said: len(said.split()) == 1, "get", "pods", "-o", "name")
        kubectl.run("set", "image", "deployment/web", "nginx=nginx:1.28")
        kubectl.run("rollout", "status", "deployment/web", "--timeout=30s")
        sets = kubectl.json("get", "replicasets")["items"]
        assert sorted(s["spec"]["replicas"] for s in sets) == [0, 1]
        assert "2 " in kubectl.run("rollout", "history", "deployment/web")
        kubectl.run("rollout", "undo", "deployment/web")
        kubectl.run("rollout", "status", "deployment/web", "--timeout=30s")
        template = kubectl.json("get", "deployment", "web")["spec"]["template"]["spec"]["containers"][0]
        assert template["image"] == "nginx:1.27"
        kubectl.run("delete", "deployment", "web")
        kubectl.until(lambda said: said == "", "get", "pods,replicasets", "-o", "name")

    def test_apply_creates_keeps_changes_and_refuses(self, kubectl):
        assert kubectl.run("apply", "-f", "-", stdin=WEB) == "deployment.apps/web created\n"
        assert kubectl.run("apply", "-f", "-", stdin=WEB) == "deployment.apps/web unchanged\n"
        newer = WEB.replace("1.27", "1.28").replace('        env: [{name: A, value: "1"}]\n', "")
        assert "image: nginx:1.28" in kubectl.run("diff", "-f", "-", stdin=newer, code=1)
        assert kubectl.run("apply", "-f", "-", stdin=newer) == "deployment.apps/web configured\n"
        container = kubectl.json("get", "deployment", "web")["spec"]["template"]["spec"]["containers"][0]
        assert container["image"] == "nginx:1.28"
        assert "env" not in container
        assert container["terminationMessagePath"] == "/dev/termination-log"
        assert container["ports"] == [{"containerPort": 80, "protocol": "TCP"}]
        unknown = kubectl.refusal("apply", "-f", "-", stdin=WEB.replace("replicas:", "replicass:"))
        assert 'strict decoding error: unknown field "spec.replicass"' in unknown
        other = WEB.replace("{app: web}}\n  template", "{app: other}}\n  template")
        assert "field is immutable" in kubectl.refusal("apply", "-f", "-", stdin=other)
        bad = WEB.replace("name: web", "name: Web_1")
        assert "a lowercase RFC 1123 subdomain must consist of" in kubectl.refusal("apply", "-f", "-", stdin=bad)
        missing = json.dumps({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}, "spec": {}})
        assert "spec.selector: Required value" in kubectl.refusal("apply", "-f", "-", stdin=missing)
        assert kubectl.run("apply", "-f", "-", "--dry-run=server", stdin=CONFIG) == (
            "configmap/settings created (server dry run)\n"
        )
        assert kubectl.names("configmap", "--field-selector=metadata.name=settings") == []

    def test_server_side_apply_owns_fields(self, kubectl):
        assert kubectl.run("apply", "--server-side", "-f", "-", stdin=WEB) == "deployment.apps/web serverside-applied\n"
        newer = WEB.replace("1.27", "1.28")
        mine = ("apply", "--server-side", "-f", "-")
        theirs = (*mine, "--field-manager=other")
        refused = kubectl.refusal(*theirs, stdin=newer)
        assert 'conflict with "kubectl"' in refused
        assert '.spec.template.spec.containers[name="main"].image' in refused
        kubectl.run(*theirs, "--force-conflicts", stdin=newer)
        managers = kubectl.json("get", "deployment", "web", "--show-managed-fields")["metadata"]["managedFields"]
        applied = {entry["manager"] for entry in managers if entry["operation"] == "Apply"}
        assert applied == {"kubectl", "other"}
        assert "conflict" in kubectl.refusal(*mine, stdin=WEB)
        kubectl.run(*mine, "--force-conflicts", stdin=WEB.replace('        env: [{name: A, value: "1"}]\n', ""))
        container = kubectl.json("get", "deployment", "web")["spec"]["template"]["spec"]["containers"][0]
        assert container["image"] == "nginx:1.27"
        assert container["env"] == [{"name": "A", "value": "1"}]  # `other` still wants it
        kubectl.run(*theirs, stdin=WEB.replace('        env: [{name: A, value: "1"}]\n', ""))
        assert "env" not in kubectl.json("get", "deployment", "web")["spec"]["template"]["spec"]["containers"][0]

    def test_objects_are_patched_labelled_annotated_and_replaced(self, kubectl):
        kubectl.run("create", "-f", "-", stdin=CONFIG)
        assert kubectl.refusal("create", "-f", "-", stdin=CONFIG) == (
            'Error from server (AlreadyExists): error when creating "STDIN": configmaps "settings" already exists'
        )
        first = kubectl.json("get", "configmap", "settings")
        patch = ("patch", "configmap", "settings", "--type")
        kubectl.run(*patch, "merge", "-p", '{"data":{"a":null,"c":"3"}}')
        kubectl.run(
            *patch, "json", "-p", '[{"op":"test","path":"/data/c","value":"3"},{"op":"remove","path":"/data/b"}]'
        )
        assert kubectl.json("get", "configmap", "settings")["data"] == {"c": "3"}
        wrong = kubectl.refusal(*patch, "json", "-p", '[{"op":"test","path":"/data/c","value":"4"}]')
        assert "the server rejected our request" in wrong
        kubectl.run("label", "configmap", "settings", "tier=two", "--overwrite")
        kubectl.run("label", "configmap", "settings", "more=yes")
        kubectl.run("annotate", "configmap", "settings", "note=hello")
        kubectl.run("label", "configmap", "settings", "more-")
        now = kubectl.json("get", "configmap", "settings")
        assert now["metadata"]["labels"] == {"tier": "two"}
        assert now["metadata"]["annotations"] == {"note": "hello"}
        assert now["metadata"]["uid"] == first["metadata"]["uid"]
        assert int(now["metadata"]["resourceVersion"]) > int(first["metadata"]["resourceVersion"])
        stale = kubectl.refusal("replace", "-f", "-", stdin=json.dumps(first))
        assert stale == (
            'Error from server (Conflict): error when replacing "STDIN": Operation cannot be fulfilled on configmaps '
            '"settings": the object has been modified; please apply your changes to the latest version and try again'
        )
        kubectl.run("apply", "-f", "-", stdin=WEB)
        strategic = {"spec": {"template": {"spec": {"containers": [{"name": "side", "image": "b:1"}]}}}}
        kubectl.run("patch", "deployment", "web", "-p", json.dumps(strategic))
        containers = kubectl.json("get", "deployment", "web")["spec"]["template"]["spec"]["containers"]
        assert sorted(c["name"] for c in containers) == ["main", "side"]
        assert kubectl.json("get", "deployment", "web")["metadata"]["generation"] == 2
        assert kubectl.refusal("get", "configmap", "nothing") == (
            'Error from server (NotFound): configmaps "nothing" not found'
        )

    def test_lists_select_sort_and_page(self, kubectl):
        items = [
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"c{n}", "labels": {"n": str(n)}}}
            for n in range(5)
        ]
        kubectl.run("create", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
        assert kubectl.names("configmap", "-l", "n", "--chunk-size=2") == [f"configmap/c{n}" for n in range(5)]
        assert kubectl.names("configmap", "-l", "n in (1,3),n notin (3)") == ["configmap/c1"]
        assert kubectl.names("configmap", "-l", "n,n!=0,n!=1,n!=2,n!=3") == ["configmap/c4"]
        page = json.loads(kubectl.raw(f"/api/v1/namespaces/{kubectl.namespace}/configmaps?limit=2"))
        assert len(page["items"]) == 2
        assert page["metadata"]["continue"]
        unknown = kubectl.refusal("get", "configmap", "--field-selector", "data.a=1")
        assert '"data.a" is not a known field selector: only "metadata.name", "metadata.namespace"' in unknown
        unknown = kubectl.refusal("get", "pods", "--field-selector", "spec.hostIPC=1")
        assert "field label not supported: spec.hostIPC" in unknown
        kubectl.run("delete", "configmap", "-l", "n in (0,1)")
        assert len(kubectl.names("configmap", "-l", "n")) == 3
        kubectl.run("delete", "configmap", "--all")
        kubectl.until(lambda said: "kube-root-ca.crt" in said, "get", "configmap", "-o", "name")
        kubectl.run("create", "secret", "generic", "s", "--from-literal=key=value")
        assert kubectl.json("get", "secret", "s")["data"] == {"key": "dmFsdWU="}

    def test_taints_and_cordons_keep_pods_away(self, kubectl):
        kubectl.run("cordon", "node-a")
        kubectl.run("taint", "node", "node-b", "team=x:NoSchedule")
        try:
            assert "SchedulingDisabled" in kubectl.run("get", "node", "node-a")
            kubectl.run("create", "deployment", "web", "--image=nginx:1.27", "--replicas=3")
            kubectl.run("rollout", "status", "deployment/web", "--timeout=30s")
            where = kubectl.run("get", "pods", "-o", "jsonpath={.items[*].spec.nodeName}").split()
            assert set(where) == {"node-c"}
            kubectl.run("taint", "node", "node-c", "team=x:NoExecute")
            kubectl.run("wait", "deployment/web", "--for=condition=Available=false", "--timeout=20s")
            pod = kubectl.until(
                lambda said: '"Unschedulable"' in said,
                "get",
                "pods",
                "--field-selector=status.phase=Pending",
                "-o",
                "json",
            )
            assert "0/3 nodes are available" in pod
            assert kubectl.names("pods", "--field-selector=spec.nodeName=node-c") == []
        finally:
            kubectl.run("uncordon", "node-a")
            kubectl.run("taint", "node", "node-b", "team-")
            kubectl.run("taint", "node", "node-c", "team-", code=0)
        kubectl.run("rollout", "status", "deployment/web", "--timeout=30s")

    def test_a_drain_moves_pods_and_respects_budgets(self, kubectl):
        kubectl.run("create", "deployment", "steady", "--image=nginx:1.27", "--replicas=3")
        kubectl.run("rollout", "status", "deployment/steady", "--timeout=30s")
        kubectl.run("create", "poddisruptionbudget", "steady", "--selector=app=steady", "--min-available=3")
        kubectl.until(lambda said: said.split()[:4] == ["steady", "3", "N/A", "0"], "get", "pdb", "--no-headers")
        node = kubectl.run("get", "pods", "-o", "jsonpath={.items[0].spec.nodeName}")
        drain = ("drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--pod-selector=app=steady")
        try:
            assert "as it would violate the pod's disruption budget" in kubectl.first_complaint(*drain)
            kubectl.run("patch", "pdb", "steady", "--type=merge", "-p", '{"spec":{"minAvailable":2}}')
            kubectl.until(lambda said: said.split()[3] == "1", "get", "pdb", "--no-headers")
            assert "drained" in kubectl.run(*drain, "--timeout=30s")
            kubectl.run("rollout", "status", "deployment/steady", "--timeout=30s")
            where = kubectl.run("get", "pods", "-o", "jsonpath={.items[*].spec.nodeName}").split()
            assert node not in where
            assert len(where) == 3
        finally:
            kubectl.run("uncordon", node)

    def test_a_watch_tells_what_happens(self, kubectl):
        kubectl.run("create", "configmap", "before", "--from-literal=a=1")
        arguments = ("get", "configmaps", "-l", "seen=yes", "--watch", "--output-watch-events")
        watch = subprocess.Popen(kubectl.command(*arguments), stdout=subprocess.PIPE, text=True)
        try:
            time.sleep(0.5)  # kubectl says nothing when it has begun to watch an empty list
            kubectl.run("create", "-f", "-", stdin=CONFIG.replace("tier: one", "seen: 'yes'"))
            kubectl.run("annotate", "configmap", "settings", "x=y")
            kubectl.run("label", "configmap", "before", "seen=yes")
            kubectl.run("label", "configmap", "before", "seen-")
            kubectl.run("delete", "configmap", "settings")
            lines = [watch.stdout.readline().split() for _ in range(6)]
        finally:
            watch.kill()
            watch.wait(timeout=10)
            watch.stdout.close()
        assert lines[0] == ["EVENT", "NAME", "DATA", "AGE"]
        assert [line[:2] for line in lines[1:]] == [
            ["ADDED", "settings"],
            ["MODIFIED", "settings"],
            ["ADDED", "before"],
            ["DELETED", "before"],
            ["DELETED", "settings"],
        ]

    def test_the_other_workloads_run(self, kubectl):
        kubectl.run("create", "-f", "-", stdin=workload("DaemonSet", "agent"))
        kubectl.run("create", "-f", "-", stdin=workload("StatefulSet", "db", serviceName="db", replicas=2))
        kubectl.run("create", "job", "once", "--image=busybox:1.37", "--", "true")
        kubectl.run("create", "cronjob", "often", "--image=busybox:1.37", "--schedule=0 0 1 1 *")
        kubectl.run("rollout", "status", "daemonset/agent", "statefulset/db", "--timeout=30s")
        row = kubectl.run("get", "daemonset", "agent", "--no-headers").split()
        assert row[:6] == ["agent", "3", "3", "3", "3", "3"]
        assert kubectl.names("pods", "-l", "app=db") == ["pod/db-0", "pod/db-1"]
        kubectl.run("wait", "job/once", "--for=condition=Complete", "--timeout=20s")
        assert kubectl.run("get", "job", "once", "--no-headers").split()[:3] == ["once", "Complete", "1/1"]
        assert "Completed" in kubectl.run("get", "pods", "-l", "job-name=once")
        assert kubectl.run("get", "cronjob", "--no-headers").startswith("often   0 0 1 1 *")
        kubectl.run("scale", "statefulset/db", "--replicas=1")
        kubectl.until(lambda said: said == "pod/db-0\n", "get", "pods", "-l", "app=db", "-o", "name")
        before = kubectl.json("get", "pod", "db-0")["metadata"]["uid"]
        kubectl.run("delete", "pod", "db-0", "--wait=false")
        kubectl.run("wait", "statefulset/db", "--for=jsonpath={.status.readyReplicas}=1", "--timeout=20s")
        kubectl.until(lambda said: said != before, "get", "pod", "db-0", "-o", "jsonpath={.metadata.uid}")

    def test_services_find_their_pods(self, kubectl):
        kubectl.run("apply", "-f", "-", stdin=WEB)
        kubectl.run("rollout", "status", "deployment/web", "--timeout=30s")
        kubectl.run("expose", "deployment", "web", "--port=8080", "--target-port=80")
        row = kubectl.run("get", "service", "web", "--no-headers").split()
        assert row[:2] == ["web", "ClusterIP"]
        assert row[2].startswith("10.96.")
        assert row[3:5] == ["<none>", "8080/TCP"]
        endpoints = kubectl.until(lambda said: said.count(":80") == 2, "get", "endpoints", "web", "--no-headers")
        assert endpoints.startswith("web")
        slices = kubectl.json("get", "endpointslices", "-l", "kubernetes.io/service-name=web")["items"]
        assert len(slices) == 1
        assert len(slices[0]["endpoints"]) == 2
        assert "Endpoints:" in kubectl.run("describe", "service", "web")

    def test_deleting_a_namespace_takes_its_content(self, cluster):
        cluster.run("create", "namespace", "passing")
        inside = cluster.within("passing")
        inside.run("create", "deployment", "web", "--image=nginx:1.27", "--replicas=0")
        inside.run("create", "configmap", "x", "--from-literal=a=1")
        assert cluster.run("delete", "namespace", "passing", "--timeout=30s").startswith('namespace "passing" deleted')
        assert inside.names("pods,deployments,configmaps") == []
        refused = inside.refusal("create", "configmap", "x")
        assert 'namespaces "passing" not found' in refused
        assert "is forbidden" in cluster.refusal("delete", "namespace", "kube-system")

    def test_owners_take_their_dependents_with_them_or_leave_them(self, kubectl):
        kubectl.run("create", "deployment", "web", "--image=nginx:1.27")
        kubectl.run("rollout", "status", "deployment/web", "--timeout=30s")
        kubectl.run("delete", "deployment", "web", "--cascade=orphan")
        kept = kubectl.json("get", "replicasets")["items"]
        assert len(kept) == 1
        kubectl.until(lambda said: "Deployment" not in said, "get", "replicasets", "-o", "yaml")
        kubectl.run("delete", "replicaset", "--all", "--cascade=foreground", "--timeout=20s")
        assert kubectl.names("pods,replicasets") == []

    def test_a_definition_makes_a_kind(self, kubectl):
        kubectl.run("create", "-f", "-", stdin=DEFINITION)
        try:
            kubectl.run("wait", "crd/pumps.example.com", "--for=condition=Established", "--timeout=20s")
            pump = {"apiVersion": "example.com/v1", "kind": "Pump", "metadata": {"name": "p"}, "spec": {"size": 3}}
            kubectl.until(lambda said: "pumps" in said, "api-resources", "--api-group=example.com", "--cached=false")
            kubectl.run("apply", "-f", "-", stdin=json.dumps(pump))
            kubectl.run("patch", "pump", "p", "--type=merge", "-p", '{"spec":{"size":4}}')
            lines = kubectl.run("get", "pu").splitlines()
            assert [line.split() for line in lines] == [["NAME", "SIZE"], ["p", "4"]]
            assert kubectl.json("get", "pump", "p")["metadata"]["generation"] == 2
        finally:
            kubectl.run("delete", "crd", "pumps.example.com", "--timeout=30s")
        assert "the server could not find the requested resource" in kubectl.refusal("get", "pumps")

    def test_an_administrator_may_do_anything(self, cluster):
        assert cluster.run("auth", "can-i", "create", "pods") == "yes\n"
        assert cluster.run("auth", "can-i", "*", "*", "--all-namespaces") == "yes\n"
        assert "admin" in cluster.run("auth", "whoami")


class TestOnlyTheSandbox:
    """What no part of the real control plane here offers."""

    def test_system_workloads_run_on_every_cluster(self, sandbox_cluster):
        rows = sandbox_cluster.run("get", "pods", "-n", "kube-system", "--no-headers").splitlines()
        names = [row.split()[0].split("-")[0] for row in rows]
        assert names.count("coredns") == 2
        assert names.count("kube") == 3
        assert all(row.split()[1:3] == ["1/1", "Running"] for row in rows)

    def test_top_shows_loads(self, sandbox_cluster):
        lines = sandbox_cluster.run("top", "nodes").splitlines()
        assert [line.split()[0] for line in lines[1:]] == ["node-a", "node-b", "node-c"]
        assert all(line.split()[2].endswith("%") for line in lines[1:])
        assert "kube-proxy" in sandbox_cluster.run("top", "pods", "-A", "--containers")

    @pytest.mark.parametrize("size", ["1Gi"])
    def test_claims_get_their_volumes(self, sandbox_cluster, size):
        claim = {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": "disk"},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}},
        }
        sandbox_cluster.run("create", "-f", "-", stdin=json.dumps(claim))
        assert sandbox_cluster.run("get", "pvc", "disk", "--no-headers").split()[1] == "Bound"
        volume = sandbox_cluster.run("get", "pvc", "disk", "-o", "jsonpath={.spec.volumeName}")
        sandbox_cluster.run("delete", "pvc", "disk")
        assert volume not in sandbox_cluster.run("get", "pv", "-o", "name")
