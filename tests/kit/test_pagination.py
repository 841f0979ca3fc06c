"""Pages of lists that are all at hand."""

import pytest

from skyclust.kit.pagination import page_among
from skyclust.kit.problems import Problem


def walked(items, limit, between=lambda _: None):
    found, cursor = [], None
    while True:
        page = page_among(items, str, limit, cursor)
        found += page.items
        if page.next_cursor is None:
            return found
        between(items)
        cursor = page.next_cursor


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 50])
def test_walking_the_pages_finds_each_item_once_in_order(limit):
    assert walked(list("cadbe"), limit) == list("abcde")


def test_what_goes_between_two_pages_loses_nobody_else():
    def lose_the_last_seen(items):
        if "b" in items:
            items.remove("b")

    assert walked(list("abcd"), 2, lose_the_last_seen) == list("abcd")


def test_a_cursor_that_nobody_made_is_refused():
    with pytest.raises(Problem):
        page_among(["a"], str, 1, "nonsense")
