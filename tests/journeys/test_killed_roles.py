"""One process per role; they are killed and stopped, and calls go wrong on their way. `python -m soak kill` runs more.

Repeat one with: SKYCLUST_KILL_SEED=<seed> make test ARGS="tests/journeys/test_killed_roles.py"
"""

import os

import pytest

from soak.killing.stage import Stage

SEEDS = [int(os.environ["SKYCLUST_KILL_SEED"])] if "SKYCLUST_KILL_SEED" in os.environ else list(range(20))


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    made = Stage(tmp_path_factory.mktemp("stage"))
    yield made
    print(f"{made.operations} operations; {dict(made.blows)}; {dict(made.troubles)}")
    made.close()


@pytest.mark.xdist_group("killed roles")  # all on one installation
@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_process_dies_everything_is_made_once_and_all_goes(stage, seed):
    stage.live(seed)
