"""The real engine on the simulated cloud, seed after seed. A failure prints its history and how to repeat it."""

import pytest

from simulation.story import tell

SEEDS = 300
BATCH = 50


@pytest.mark.parametrize("first", range(0, SEEDS, BATCH))
def test_no_seed_loses_duplicates_or_strands_anything(first):
    for seed in range(first, first + BATCH):
        tell(seed)
