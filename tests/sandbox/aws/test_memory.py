"""The simulated AWS forgets what it is told to forget."""

import gc

from moto.ec2.models import EC2Backend

from skyclust.sandbox.aws.front import AwsFront
from skyclust.sandbox.server import Settings, make_kernel


def backends() -> int:
    gc.collect()
    return sum(isinstance(item, EC2Backend) for item in gc.get_objects())


def test_a_reset_leaves_nothing_in_memory(tmp_path):
    front = AwsFront(make_kernel(Settings(tmp_path)))
    before = backends()
    for _ in range(3):
        front.cloud.reset()
        front.world.act("plant_decoys", {"region": "eu-west-1"})
    assert backends() - before == 1
