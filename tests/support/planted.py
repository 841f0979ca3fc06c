"""Defects planted into the product for one test, to see whether a check notices them.

Used by tests/security/test_role_histories.py and test_controls_bite.py. Invariant: the text that is replaced stands in the function exactly once,
so a planted defect that no longer fits the product fails the test instead of passing it.
"""

import inspect
import sys
import textwrap
from contextlib import contextmanager


def plant(monkeypatch, place, name, right, wrong):
    """Replace `right` by `wrong` in the source of a function of a module or class until the test ends."""
    source = textwrap.dedent(inspect.getsource(getattr(place, name)))
    assert source.count(right) == 1, f"{right!r} stands {source.count(right)} times in {place.__name__}.{name}"
    found = {}
    names = vars(place if inspect.ismodule(place) else sys.modules[place.__module__])
    exec(compile(source.replace(right, wrong), f"<{name} with a defect>", "exec"), names, found)
    monkeypatch.setattr(place, name, found[name])


@contextmanager
def taking_any_field(body):
    """A body that takes fields it does not know, in every application opened meanwhile."""
    before = body.model_config["extra"]
    _take(body, "ignore")
    try:
        yield
    finally:
        _take(body, before)


def _take(body, extra):
    body.model_config["extra"] = extra
    body.model_rebuild(force=True)
