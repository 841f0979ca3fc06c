"""Every page of the console: opened, reloaded, by deep link, in both themes and widths; who may what; what is stored."""

import json
import re

import pytest

PAGES = {
    "/": "fleet.title", "/clusters/new/": "fleet.create", "/networks/": "networks.title",
    "/operations/": "operations.title", "/credentials/": "credentials.title", "/credentials/new/": "credentials.add",
}  # fmt: skip
MARKUP = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def stocked(running_up):
    """A credential and a cluster, by the API; others find them gone."""
    account = running_up.ready["sandbox"]["aws"]
    running_up.login()
    data = {key: account[key] for key in ("access_key", "secret_key", "region")}
    credential = running_up.call("POST", "/credentials", {"name": MARKUP, "provider": "aws", "data": data})
    pool = {"name": "default", "machine_type": "t3.medium", "node_count": 1}
    body = {"credential_id": credential["id"], "name": "looked-at", "region": "us-west-2", "node_pool": pool}
    operation = running_up.call("POST", "/aws/kubernetes/clusters", body)
    running_up.succeeded(operation)
    yield operation
    running_up.login()
    running_up.succeeded(running_up.call("DELETE", "/aws/kubernetes/clusters/looked-at"))
    running_up.call("DELETE", f"/credentials/{credential['id']}")


def paths(stocked):
    return [*PAGES, f"/clusters/view/?id={stocked['target']['id']}", f"/operations/view/?id={stocked['id']}"]


@pytest.mark.parametrize(("locale", "width", "theme"), [("en", 1440, "light"), ("ko", 390, "dark")])
def test_every_page_opens_by_its_address_and_keeps_nobody_out(browse, running_up, stocked, locale, width, theme):
    console = browse(locale, width=width, theme=theme)
    console.sign_in(**running_up.ready["admin"])
    assert console.page.locator("html").get_attribute("data-theme") == theme
    barriers = {}
    for path in paths(stocked):
        console.open(path)
        title = console.page.get_by_role("heading", level=1)
        title.wait_for()
        if path in PAGES:
            assert title.inner_text() == console.say(PAGES[path])
        console.page.reload()
        title.wait_for()
        console.page.locator("main [role=status][aria-label]").first.wait_for(state="detached")
        assert console.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} scrolls sideways"
        barriers[path] = console.serious_barriers()
    assert {path: found for path, found in barriers.items() if found} == {}


def test_the_door_keeps_nobody_out_and_leads_to_where_one_wanted(browse, running_up, stocked):
    console = browse()
    console.open(f"/clusters/view/?id={stocked['target']['id']}")
    console.page.get_by_label(console.say("login.email")).wait_for()
    assert console.serious_barriers() == []
    admin = running_up.ready["admin"]
    console.page.get_by_label(console.say("login.email")).fill(admin["email"])
    console.page.get_by_label(console.say("login.password")).fill(admin["password"])
    console.button("login.signIn").click()
    console.heading("looked-at").wait_for()


def test_a_wrong_password_is_told_and_what_was_typed_stays(browse, running_up):
    console = browse()
    console.allowed = {401}
    console.open("/")
    console.page.get_by_label(console.say("login.email")).fill(running_up.ready["admin"]["email"])
    console.page.get_by_label(console.say("login.password")).fill("not this one")
    console.button("login.signIn").click()
    console.page.get_by_role("alert").filter(has_text=re.compile("password", re.IGNORECASE)).wait_for()
    assert console.page.get_by_label(console.say("login.email")).input_value() == running_up.ready["admin"]["email"]


def test_a_session_that_ends_keeps_the_form_and_goes_on(browse, running_up, stocked):
    console = browse()
    page, admin = console.page, running_up.ready["admin"]
    console.sign_in(**admin)
    console.open("/credentials/new/")
    console.field("credentials.name").fill("half typed")
    console.allowed = {401}
    token = running_up.token
    running_up.login()
    running_up.call("DELETE", "/auth/sessions")
    page.get_by_role("dialog", name=console.say("login.expired")).wait_for()
    page.get_by_label(console.say("login.email")).fill(admin["email"])
    page.get_by_label(console.say("login.password")).fill(admin["password"])
    console.button("login.signIn").click()
    page.get_by_role("dialog").wait_for(state="detached")
    assert console.field("credentials.name").input_value() == "half typed"
    assert token != running_up.token


def test_stored_markup_is_text(browse, running_up, stocked):
    console = browse()
    console.sign_in(**running_up.ready["admin"])
    console.page.on("dialog", lambda dialog: console.faults.append(f"ran: {dialog.message}"))
    console.open("/credentials/")
    console.page.get_by_role("cell", name=MARKUP, exact=True).wait_for()
    assert console.page.locator("main img").count() == 0


def test_language_and_theme_are_remembered_and_the_theme_is_there_before_the_first_paint(browse, running_up, stocked):
    console = browse()
    console.sign_in(**running_up.ready["admin"])
    console.page.get_by_label(console.say("shell.theme")).select_option("dark")
    console.page.get_by_label(console.say("shell.language")).select_option("ko")
    console.page.get_by_role("heading", name="클러스터", level=1).wait_for()
    console.page.add_init_script(
        "new MutationObserver((_, o) => { if (document.body) { o.disconnect(); "
        "window.firstTheme = document.documentElement.dataset.theme } }).observe(document, {childList: true, subtree: true})"
    )
    console.page.reload()
    console.page.get_by_role("heading", name="클러스터", level=1).wait_for()
    assert console.page.evaluate("window.firstTheme") == "dark"


def test_filters_and_sort_live_in_the_address(browse, running_up, stocked):
    console = browse()
    console.sign_in(**running_up.ready["admin"])
    console.page.get_by_role("row", name=re.compile("looked-at")).wait_for()
    console.page.get_by_label(console.say("fleet.state")).select_option("ready")
    console.page.get_by_role("button", name=console.say("fleet.cost")).click()
    console.page.wait_for_url(re.compile("sort="))
    console.page.reload()
    console.page.get_by_role("row", name=re.compile("looked-at")).wait_for()
    assert console.page.get_by_label(console.say("fleet.state")).input_value() == "ready"
    assert console.page.get_by_role("columnheader", name=console.say("fleet.cost")).get_attribute("aria-sort") != "none"


def test_a_viewer_sees_no_action_that_would_be_refused(browse, running_up, stocked):
    running_up.login()
    workspace = running_up.call("GET", "/workspaces")["items"][0]["id"]
    viewer = {"email": "console-viewer@example.com", "password": "looks but does not touch"}
    running_up.call("POST", "/users", viewer)
    running_up.call("POST", f"/workspaces/{workspace}/members", {"email": viewer["email"], "role": "viewer"})
    console = browse()
    console.sign_in(**viewer)
    console.page.get_by_role("row", name=re.compile("looked-at")).wait_for()
    assert console.link("fleet.create").count() == 0
    console.page.get_by_role("link", name="looked-at", exact=True).click()
    console.heading("looked-at").wait_for()
    console.page.get_by_text(console.say("kubeconfig.forbidden")).wait_for()
    assert console.page.locator("main").get_by_role("button").count() == 0
    console.open("/clusters/new/")
    console.page.get_by_text(console.say("create.forbidden")).wait_for()


def test_a_wrong_link_leads_home(browse, running_up):
    console = browse()
    console.allowed = {404}
    console.sign_in(**running_up.ready["admin"])
    console.open("/nowhere/at/all")
    console.page.get_by_text(console.say("missing.title")).wait_for()
    console.allowed = set()
    console.link("missing.home").click()
    console.heading(console.say("fleet.title")).wait_for()


def test_the_first_page_loads_little(browse, running_up, stocked):
    console = browse()
    console.sign_in(**running_up.ready["admin"])
    sizes = json.dumps(
        console.page.evaluate(
            "performance.getEntriesByType('resource').filter(e => e.name.endsWith('.js')).map(e => e.encodedBodySize)"
        )
    )
    total = sum(json.loads(sizes))
    assert 0 < total <= 250_000, f"{total} bytes of JavaScript, packed"
