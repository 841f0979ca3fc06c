"""CronJobs: a Job whenever the schedule says so, and only so many finished ones kept."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from skyclust.sandbox.kubernetes import cron, deleting, writing
from skyclust.sandbox.kubernetes.cluster import Cluster, format_time, parse_time
from skyclust.sandbox.kubernetes.controllers.jobs import is_complete
from skyclust.sandbox.kubernetes.controllers.pods import is_going, owned, owner_reference, set_status

Document = dict[str, Any]

SCHEDULED_AT = "batch.kubernetes.io/cronjob-scheduled-timestamp"


def reconcile(cluster: Cluster) -> datetime | None:
    dues = [_keep_time(cluster, job) for job in cluster.objects.all("cronjobs.batch") if not is_going(job)]
    return min((due for due in dues if due is not None), default=None)


def _keep_time(cluster: Cluster, cron_job: Document) -> datetime | None:
    now, spec, status = cluster.now(), cron_job["spec"], cron_job.get("status") or {}
    due = None if spec.get("suspend") else latest_due(cron_job, now)
    if due is not None:
        active = [job for job in owned(cluster, "jobs.batch", cron_job) if not is_complete(job)]
        policy = spec["concurrencyPolicy"]
        if not (active and policy == "Forbid"):
            for job in active if policy == "Replace" else ():
                deleting.remove_in(cluster, cluster.resource("batch", "Job"), job)
            _start(cluster, cron_job, due)
        status = {**status, "lastScheduleTime": format_time(due)}
    _prune(cluster, cron_job)
    set_status(cluster, cluster.resource("batch", "CronJob"), cron_job, _status(cluster, cron_job, status))
    return None if spec.get("suspend") else _next(spec, now)


def _next(spec: Document, moment: datetime) -> datetime | None:
    local = moment.astimezone(ZoneInfo(spec.get("timeZone") or "UTC"))
    following = cron.next_after(spec["schedule"], local)
    return following.astimezone(UTC) if following else None


def latest_due(cron_job: Document, now: datetime) -> datetime | None:
    """The one time to catch up with: the last that has passed since the last run (or since creation)."""
    last = (cron_job.get("status") or {}).get("lastScheduleTime") or cron_job["metadata"]["creationTimestamp"]
    due = _next(cron_job["spec"], parse_time(last))
    if due is None or due > now:
        return None
    for _ in range(100):
        following = _next(cron_job["spec"], due)
        if following is None or following > now:
            return due
        due = following
    return now.replace(second=0, microsecond=0)  # so much was missed that the exact minute no longer matters


def _start(cluster: Cluster, cron_job: Document, due: datetime) -> None:
    metadata, template = cron_job["metadata"], cron_job["spec"]["jobTemplate"]
    name = f"{metadata['name']}-{int(due.timestamp()) // 60}"
    if cluster.objects.get("jobs.batch", metadata["namespace"], name):
        return
    given = template.get("metadata") or {}
    annotations = {
        **(given.get("annotations") or {}),
        SCHEDULED_AT: format_time(due),
    }
    job = {
        "metadata": {
            **given,
            "name": name,
            "namespace": metadata["namespace"],
            "annotations": annotations,
            "ownerReferences": [owner_reference(cluster.resource("batch", "CronJob"), cron_job)],
        },
        "spec": template["spec"],
    }
    writing.add(cluster, cluster.resource("batch", "Job"), job)


def _prune(cluster: Cluster, cron_job: Document) -> None:
    finished = [job for job in owned(cluster, "jobs.batch", cron_job) if is_complete(job) and not is_going(job)]
    finished.sort(key=lambda job: str(job["metadata"]["creationTimestamp"]))
    for job in finished[: max(len(finished) - cron_job["spec"]["successfulJobsHistoryLimit"], 0)]:
        deleting.remove_in(cluster, cluster.resource("batch", "Job"), job)


def _status(cluster: Cluster, cron_job: Document, status: Document) -> Document:
    jobs = [job for job in owned(cluster, "jobs.batch", cron_job) if not is_going(job)]
    active = [
        {"kind": "Job", "apiVersion": "batch/v1", **{key: job["metadata"][key] for key in ("namespace", "name", "uid")}}
        for job in jobs
        if not is_complete(job)
    ]
    ended = [job["status"]["completionTime"] for job in jobs if "completionTime" in (job.get("status") or {})]
    made = {key: value for key, value in status.items() if key != "active"}
    if ended:
        made["lastSuccessfulTime"] = max([*ended, made.get("lastSuccessfulTime", "")])
    return made | ({"active": active} if active else {})
