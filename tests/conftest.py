"""Fixtures of all tests, and which tests share a worker."""

import pytest

pytest_plugins = [
    "canaries",
    "kubernetes_fixtures",
    "nats_fixtures",
    "oidc_fixtures",
    "postgres_fixtures",
    "redis_fixtures",
    "sandbox_fixtures",
    "up_fixtures",
    "warm_fixtures",
    "console_fixtures",
]

#: Fixtures that start processes for the whole session, or for all tests of a folder. The tests that use one run in one
#: worker, so that it starts once.
OF_THE_SESSION = ("running_up", "sandbox_process", "sandbox_cluster")
OF_A_FOLDER = ("sandbox_process", "running", "fast_process", "lane_of", "installation", "swept", "live")


#: How the names of groups begin that take minutes in one worker. They begin first, so that none of them is left over at the end.
LONG = ("killed roles", "running_up", "openapi by examples", "tenancy matrix", "aws-cli", "sandbox_process", "running")


@pytest.hookimpl(tryfirst=True)  # before xdist looks for groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if not item.get_closest_marker("xdist_group") and (group := _shared(item)):
            item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=_turn)  # stable: all else stays as it was


def _turn(item: pytest.Item) -> int:
    group = marker.args[0] if (marker := item.get_closest_marker("xdist_group")) else ""
    return next((place for place, start in enumerate(LONG) if group.startswith(start)), len(LONG))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Groups that xdist does not see would only cost minutes, and nobody would notice."""
    if session.config.getoption("loadgroup", default=False):
        lost = [
            item.nodeid for item in session.items if item.get_closest_marker("xdist_group") and "@" not in item.nodeid
        ]
        assert not lost, f"xdist has not seen the group of {lost[0]}; its version and pytest's do not fit"


def _shared(item: pytest.Item) -> str | None:
    names = getattr(item, "fixturenames", ())
    of_session = next((name for name in OF_THE_SESSION if name in names), None)
    of_folder = next((f"{name} of {item.path.parent}" for name in OF_A_FOLDER if name in names), None)
    return of_session or of_folder
