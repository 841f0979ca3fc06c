"""One process per role; they are killed and stopped, and calls go wrong on their way. `python -m soak kill` runs more.

Repeat one with: SKYCLUST_KILL_SEED=<seed> make test ARGS="tests/journeys/test_killed_roles.py"
"""

import os

import pytest

from soak.killing.stage import Stage
from soak.killing.story import Broken

SEEDS = [int(os.environ["SKYCLUST_KILL_SEED"])] if "SKYCLUST_KILL_SEED" in os.environ else list(range(20))


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    """One installation for all seeds; a broken one is replaced, so that no seed fails for another."""
    stages: list[Stage] = []

    def through(seed):
        if not stages:
            stages.append(Stage(tmp_path_factory.mktemp("stage")))
        try:
            stages[-1].live(seed)
        except Broken:
            stages.pop().installation.close()
            raise

    yield through
    for stage in stages:
        print(f"{stage.operations} operations; {dict(stage.blows)}; {dict(stage.troubles)}")
        stage.close()


@pytest.mark.xdist_group("killed roles")  # all on one installation
@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_process_dies_everything_is_made_once_and_all_goes(live, seed):
    print(f"seed {seed}")
    live(seed)
