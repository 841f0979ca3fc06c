"""What a person has to do about an operation that stopped, and what it leaves behind."""

import pytest

from engine_values import creating, row
from skyclust.contract import errors
from skyclust.provisioning.attending import attention, ended_line, leftovers, remedy
from skyclust.provisioning.concluding import StepState
from skyclust.provisioning.rows import Desired, OperationState, State

GOING = {"desired": Desired.ABSENT}


def final_classes():
    """Classes of ProviderError that something can get stuck with."""

    def below(kind):
        return [kind, *(deeper for child in kind.__subclasses__() for deeper in below(child))]

    own = [kind for kind in below(errors.ProviderError) if kind.__module__ == errors.__name__]
    return [kind for kind in own if not [child for child in kind.__subclasses__() if child in own]]


@pytest.mark.parametrize("kind", final_classes())
def test_every_class_of_error_has_a_remedy_of_its_own(kind):
    assert remedy(kind.__name__) != remedy("nobody knows this one")


def test_what_is_stuck_is_named_with_reason_remedy_and_blockers():
    stuck = row(state=State.BLOCKED, reason="InUse", message="held", trouble={"blockers": ["eni-1"], "retried": 12})
    [waiting] = attention([stuck, row("other", state=State.READY)])
    assert (waiting.step, waiting.reason, waiting.message) == ("network", "InUse", "held")
    assert waiting.blockers == ("eni-1",)
    assert "Remove or move" in waiting.remedy


def test_a_leak_report_names_everything_that_was_to_go_and_may_exist():
    rows = [
        row("network", external_id="net-1", state=State.READY, **GOING),
        row("subnet", external_id="sub-1", state=State.BLOCKED, message="held by eni-1", reason="InUse",
            depends_on=("network",), **GOING),
        row("maybe", state=State.BLOCKED, reason="Ambiguous", message="no answer", intent=creating(), **GOING),
        row("never", state=State.PLANNED, **GOING),
        row("gone", external_id="g", state=State.GONE, **GOING),
        row("foreign", external_id="f", adopted=True, **GOING),
        row("stays", external_id="s", state=State.READY),
    ]  # fmt: skip
    left = {item.step: item for item in leftovers(rows, "us-west-2")}
    assert set(left) == {"network", "subnet", "maybe"}
    assert left["subnet"].why == "held by eni-1"
    assert left["network"].why == "waits until the subnet is gone"
    assert (left["maybe"].external_id, left["maybe"].region) == (None, "us-west-2")
    assert all(item.remedy for item in left.values())
    line = ended_line(OperationState.NEEDS_ATTENTION, rows, [StepState.SUCCEEDED, StepState.BLOCKED], 12)
    assert line.startswith("Stopped after 12 s: 1 of 2 steps done, 2 waiting for a person.")
    assert "Still in the cloud: the network (net-1), the subnet (sub-1), the maybe (id unknown)" in line


def test_an_end_is_told_with_its_duration():
    assert ended_line(OperationState.SUCCEEDED, [row(state=State.GONE)], [], 133) == "Done after 2 min 13 s"
    steps = [StepState.SUCCEEDED, StepState.CANCELLED]
    cancelled = ended_line(OperationState.CANCELLED, [row()], steps, 5)
    assert cancelled == "Cancelled after 5.0 s: 1 of 2 steps done; what exists is kept"
