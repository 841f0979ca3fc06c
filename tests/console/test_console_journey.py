"""The seed's scenario by hand: sign in, add a credential, create, watch, open, scale, delete. In both languages."""

import re

import pytest

AWS = ("access_key", "secret_key", "region")
TITLES = {"access_key": "Access key ID", "secret_key": "Secret access key", "region": "Default region"}


def add_credential(console, account, name):
    page = console.page
    console.open("/credentials/")
    console.link("credentials.add").click()
    console.field("credentials.cloud").select_option("aws")
    console.field("credentials.name").fill(name)
    for key in AWS:
        page.get_by_label(TITLES[key], exact=True).fill(account[key])
    console.button("credentials.addAndVerify").click()
    page.get_by_role("row", name=name).get_by_text(console.say("credentials.states.valid"), exact=True).wait_for()
    assert account["secret_key"] not in page.content()


def create_cluster(console, credential, name):
    page = console.page
    page.goto(console.url + "/clusters/new/")
    option = console.field("create.credential").locator("option", has_text=credential)
    console.field("create.credential").select_option(option.get_attribute("value"))
    console.field("fleet.name").fill(name)
    console.field("fleet.region").select_option("us-west-2")
    console.button("common.next").click()
    page.get_by_placeholder(console.say("create.machineSearch")).fill("t3.medium")
    page.get_by_role("radio", name=re.compile("t3.medium")).check()
    console.button("common.next").click()
    page.get_by_text("VPC 10.").first.wait_for()
    assert page.get_by_text(console.say("plan.cost"), exact=True).is_visible()
    console.button("create.button").click()
    console.heading(f"{console.say('kinds.cluster_create')}: {name}").wait_for()


def until_succeeded(console):
    console.page.locator("h1 + div").get_by_text(console.say("operationState.succeeded"), exact=True).wait_for()


@pytest.mark.parametrize("locale", ["en", "ko"])
def test_from_sign_in_to_deletion(browse, running_up, locale):
    console, name = browse(locale), f"by-hand-{locale}"
    page, account = console.page, running_up.ready["sandbox"]["aws"]
    console.sign_in(**running_up.ready["admin"])
    assert page.locator("html").get_attribute("lang") == locale
    add_credential(console, account, f"account-{locale}")
    create_cluster(console, f"account-{locale}", name)
    page.locator("main").get_by_text(console.say("shell.live"), exact=True).wait_for()
    until_succeeded(console)

    console.link("operations.toCluster").click()
    console.heading(name).wait_for()
    page.get_by_text(console.say("health.healthy"), exact=True).wait_for()

    with page.expect_download() as downloaded:
        console.button("kubeconfig.download").click()
    text = downloaded.value.path().read_text()
    assert "certificate-authority-data" in text
    assert "skyclust" in text
    assert "token:" not in text

    console.button("pools.scaleOf", name="default").click()
    console.field("pools.count").fill("3")
    console.button("plan.show").click()
    page.get_by_role("dialog").get_by_text(console.say("plan.update"), exact=True).first.wait_for()
    console.button("pools.apply").click()
    page.get_by_role("dialog").wait_for(state="detached")
    row = page.get_by_role("row", name=re.compile("t3.medium"))
    row.get_by_role("cell", name="3", exact=True).wait_for()
    page.get_by_text(console.say("sync.synced"), exact=True).wait_for()

    console.button("cluster.delete").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text(console.say("plan.costAfter"), exact=True).wait_for()
    go = dialog.get_by_role("button", name=console.say("cluster.delete"), exact=True)
    assert go.is_disabled()
    dialog.get_by_label(console.say("cluster.typeName", name=name)).fill(name)
    go.click()
    dialog.wait_for(state="detached")
    page.get_by_role("link", name=console.say("operations.follow")).last.click()
    console.heading(f"{console.say('kinds.cluster_delete')}: {name}").wait_for()
    until_succeeded(console)
    console.open(f"/?name={name}")
    page.get_by_text(console.say("fleet.noMatch")).wait_for()
