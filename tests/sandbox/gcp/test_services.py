"""The small services around compute and GKE."""

from datetime import UTC, datetime, timedelta


def test_services_can_be_asked_for_and_switched_off(sandbox, cloud, refused):
    services = sandbox.api("serviceusage").services()
    name = f"projects/{sandbox.project}/services/container.googleapis.com"
    assert services.get(name=name).execute()["state"] == "ENABLED"
    services.disable(name=name, body={}).execute()
    assert services.get(name=name).execute()["state"] == "DISABLED"
    with refused() as it:
        cloud.clusters.list(parent=cloud.parent("-")).execute()
    assert (it.status, it.body["details"][0]["reason"]) == (403, "SERVICE_DISABLED")
    assert services.enable(name=name, body={}).execute()["done"] is True
    cloud.clusters.list(parent=cloud.parent("-")).execute()


def test_service_accounts_live_and_die(sandbox, refused):
    accounts = sandbox.api("iam").projects().serviceAccounts()
    parent = f"projects/{sandbox.project}"
    body = {"accountId": "nodes-acc", "serviceAccount": {"description": "skyclust:resource=r1"}}
    made = accounts.create(name=parent, body=body).execute()
    assert made["email"] == f"nodes-acc@{sandbox.project}.iam.gserviceaccount.com"
    for body_, status in ((body, 409), ({"accountId": "No"}, 400)):
        with refused() as it:
            accounts.create(name=parent, body=body_).execute()
        assert it.status == status
    assert accounts.get(name=f"projects/-/serviceAccounts/{made['uniqueId']}").execute() == made
    assert made in accounts.list(name=parent).execute()["accounts"]
    assert sandbox.resources("service_account")[0]["tags"]["skyclust:resource"] == "r1"
    accounts.delete(name=made["name"]).execute()
    with refused() as it:
        accounts.get(name=made["name"]).execute()
    assert it.status == 404


def test_the_projects_policy_is_read_changed_and_guarded_by_its_etag(sandbox, refused):
    accounts, projects = sandbox.api("iam").projects().serviceAccounts(), sandbox.api("cloudresourcemanager").projects()
    email = accounts.create(name=f"projects/{sandbox.project}", body={"accountId": "nodes-acc"}).execute()["email"]
    policy = projects.getIamPolicy(resource=sandbox.project, body={}).execute()
    binding = {"role": "roles/container.defaultNodeServiceAccount", "members": [f"serviceAccount:{email}"]}
    changed = {**policy, "bindings": [*policy["bindings"], binding]}
    assert binding in projects.setIamPolicy(resource=sandbox.project, body={"policy": changed}).execute()["bindings"]
    with refused() as it:
        projects.setIamPolicy(resource=sandbox.project, body={"policy": policy}).execute()
    assert (it.status, it.body["status"]) == (409, "ABORTED")
    fresh = projects.getIamPolicy(resource=sandbox.project, body={}).execute()
    fresh["bindings"].append(
        {"role": "roles/viewer", "members": [f"serviceAccount:gone@{sandbox.project}.iam.gserviceaccount.com"]}
    )
    with refused() as it:
        projects.setIamPolicy(resource=sandbox.project, body={"policy": fresh}).execute()
    assert "does not exist" in it.message


def test_permissions_are_held_until_somebody_takes_them_away(sandbox, cloud, refused):
    projects = sandbox.api("cloudresourcemanager").projects()
    asked = {"permissions": ["compute.networks.create", "container.clusters.create"]}
    assert projects.testIamPermissions(resource=sandbox.project, body=asked).execute() == asked
    sandbox.act("deny_permissions", permissions=["compute.networks.create"])
    held = projects.testIamPermissions(resource=sandbox.project, body=asked).execute()
    assert held == {"permissions": ["container.clusters.create"]}
    with refused() as it:
        cloud.network()
    assert (it.status, it.reason) == (403, "forbidden")
    assert "compute.networks.create" in it.message


def test_the_project_is_known_by_id_and_by_number(sandbox, refused):
    projects = sandbox.api("cloudresourcemanager").projects()
    by_id = projects.get(projectId=sandbox.project).execute()
    assert projects.get(projectId=by_id["projectNumber"]).execute() == by_id
    with refused() as it:
        projects.get(projectId="somebody-elses").execute()
    assert it.status == 403


def test_metrics_follow_the_machines(clustered, sandbox, refused):
    series = sandbox.api("monitoring").projects().timeSeries()
    now = datetime.fromisoformat(sandbox.control("GET", "clock")["now"]).astimezone(UTC)
    query = {
        "name": f"projects/{sandbox.project}",
        "filter": 'metric.type = "compute.googleapis.com/instance/cpu/utilization"',
        "interval_startTime": (now - timedelta(minutes=5)).isoformat(),
        "interval_endTime": now.isoformat(),
    }
    found = series.list(**query).execute()["timeSeries"]
    assert len(found) == 2
    assert all(0 <= point["value"]["doubleValue"] <= 1 for point in found[0]["points"])
    assert series.list(**query).execute()["timeSeries"] == found
    with refused() as it:
        series.list(**{**query, "filter": "nothing"}).execute()
    assert "metric.type" in it.message


def test_prices_are_listed_page_by_page(sandbox):
    services = sandbox.api("cloudbilling").services()
    names = {row["displayName"]: row["name"] for row in services.list().execute()["services"]}
    skus, request = [], services.skus().list(parent=names["Compute Engine"], pageSize=400)
    while request is not None:
        page = request.execute()
        skus += page["skus"]
        request = services.skus().list_next(request, page)
    found = next(row for row in skus if row["description"] == "E2 Instance Core running in europe-west1")
    assert found["pricingInfo"][0]["pricingExpression"]["tieredRates"][0]["unitPrice"]["nanos"] > 0
    assert len({row["skuId"] for row in skus}) == len(skus)
