"""Filters and pages by themselves."""

import pytest

from skyclust.sandbox.gcp.errors import GoogleError
from skyclust.sandbox.gcp.listing import matching, page

ROWS = [
    ("a", {"name": "net-a", "labels": {"stack": "s1"}, "autoCreate": False, "at": "2026-01-01T00:00:00Z"}),
    ("b", {"name": "net-b", "labels": {"stack": "s2"}, "autoCreate": True, "tags": ["web", "db"]}),
    ("c", {"name": "other", "description": "of skyclust", "at": "2026-06-01T00:00:00Z"}),
]


@pytest.mark.parametrize(
    ("expression", "keys"),
    [
        ("", "abc"),
        ("name = net-a", "a"),
        ('name = "net-a"', "a"),
        ("name != net-a", "bc"),
        ("name eq net-.*", "ab"),
        ("name ne net-.*", "c"),
        ("name = net-*", "ab"),
        ("labels.stack = s2", "b"),
        ("labels.stack:*", "ab"),
        ("description:skyclust", "c"),
        ("autoCreate = true", "b"),
        ("tags = db", "b"),
        ("name = net-a OR name = other", "ac"),
        ("name = net-* AND NOT labels.stack = s1", "b"),
        ("(name = net-a) (labels.stack = s1)", "a"),
        ("NOT (name = net-a OR name = net-b)", "c"),
        ("at > 2026-03-01T00:00:00Z", "c"),
    ],
)
def test_a_filter_keeps_what_it_says(expression, keys):
    assert "".join(key for key, _ in matching(ROWS, expression)) == keys


@pytest.mark.parametrize("expression", ["name", "name =", "= x", "(name = x", "name = x)", "name eq ["])
def test_a_filter_that_is_none_is_refused(expression):
    with pytest.raises(GoogleError, match="filter"):
        matching(ROWS, expression)


def test_pages_stay_right_while_items_come_and_go():
    shown, token = page(ROWS, {"maxResults": "1"})
    assert [key for key, _ in shown] == ["a"]
    shown, token = page([row for row in ROWS if row[0] != "a"], {"maxResults": "1", "pageToken": token})
    assert [key for key, _ in shown] == ["b"]
    shown, token = page(ROWS, {"maxResults": "5", "pageToken": token})
    assert ([key for key, _ in shown], token) == (["c"], "")


def test_a_made_up_page_token_is_refused():
    with pytest.raises(GoogleError, match="pageToken"):
        page(ROWS, {"pageToken": "ÿ"})
