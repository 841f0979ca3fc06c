"""Jobs: pods until enough have succeeded; finished ones go after their time to live."""

from datetime import datetime, timedelta
from typing import Any

from skyclust.sandbox.kubernetes import deleting
from skyclust.sandbox.kubernetes.cluster import Cluster, parse_time
from skyclust.sandbox.kubernetes.controllers.pods import (
    condition,
    delete_pod,
    is_going,
    is_ready,
    living,
    make_pod,
    owned,
    set_status,
)

Document = dict[str, Any]


def reconcile(cluster: Cluster) -> datetime | None:
    """Looks again when the next finished job's time to live is over."""
    ends = []
    for job in cluster.objects.all("jobs.batch"):
        if is_going(job):
            continue
        if is_complete(job):
            ends.append(_expire(cluster, job))
        else:
            _run(cluster, job)
    return min((end for end in ends if end is not None), default=None)


def is_complete(job: Document) -> bool:
    conditions = job.get("status", {}).get("conditions") or ()
    return any(entry["type"] in {"Complete", "Failed"} and entry["status"] == "True" for entry in conditions)


def _expire(cluster: Cluster, job: Document) -> datetime | None:
    lifetime, ended = job["spec"].get("ttlSecondsAfterFinished"), job["status"].get("completionTime")
    if lifetime is None or not ended:
        return None
    end = parse_time(ended) + timedelta(seconds=lifetime)
    if cluster.now() < end:
        return end
    deleting.remove_in(cluster, cluster.resource("batch", "Job"), job)
    return None


def _run(cluster: Cluster, job: Document) -> None:
    spec, resource = job["spec"], cluster.resource("batch", "Job")
    pods = owned(cluster, "pods", job)
    succeeded = sum(1 for pod in pods if pod.get("status", {}).get("phase") == "Succeeded")
    active = living(pods)
    wanted = 0 if spec.get("suspend") else min(spec["parallelism"], max(spec["completions"] - succeeded, 0))
    for _ in range(wanted - len(active)):
        make_pod(cluster, resource, job, spec["template"])
    for pod in active[wanted:]:
        delete_pod(cluster, pod)
    set_status(cluster, resource, job, _status(cluster, job, succeeded))


def _status(cluster: Cluster, job: Document, succeeded: int) -> Document:
    old, now = job.get("status") or {}, cluster.timestamp()
    suspended = bool(job["spec"].get("suspend"))
    active = living(owned(cluster, "pods", job))
    ready = sum(1 for pod in active if is_ready(pod))
    counts = {"active": len(active), "succeeded": succeeded}
    status: Document = {name: count for name, count in counts.items() if count}
    status |= {"ready": ready, "terminating": 0, "uncountedTerminatedPods": {}}
    if suspended:
        made = condition("Suspended", True, "JobSuspended", "Job suspended", now=now, old=old)
        return status | {"conditions": [{**made, "lastProbeTime": now} | _same_probe(old, made)]}
    status["startTime"] = old.get("startTime") or now
    if succeeded >= job["spec"]["completions"]:
        reason, message = "CompletionsReached", "Reached expected number of succeeded pods"
        status["conditions"] = [
            {**condition(kind, True, reason, message, now=now, old=old), "lastProbeTime": now}
            for kind in ("SuccessCriteriaMet", "Complete")
        ]
        status["completionTime"] = now
    return status


def _same_probe(old: Document, made: Document) -> Document:
    """A standing condition keeps its probe time, or the job would change with every look."""
    for entry in old.get("conditions") or ():
        if entry["type"] == made["type"] and entry["status"] == made["status"]:
            return {"lastProbeTime": entry["lastProbeTime"]}
    return {}
