"""What may go wrong with drift and orphans, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence

from skyclust.kit.problems import FieldError, Problem, conflict, invalid, not_found


def drift_not_found() -> Problem:
    """Nothing of that id has drifted, as far as one may see."""
    return not_found("drifted resource")


def orphan_not_found() -> Problem:
    """No orphan of that id, as far as one may see."""
    return not_found("orphan")


def not_a_change(kind: str) -> Problem:
    """409: something that is gone or failed cannot be left as it is."""
    detail = f"The resource is {kind}: there is nothing to leave as it is. Repair it, or delete what it belongs to."
    return conflict("drift-not-acceptable", "This drift cannot be accepted", detail)


def unknown_fields(unknown: Sequence[str], differing: Sequence[str]) -> Problem:
    """422: these do not differ."""
    detail = f"Does not differ: {', '.join(unknown)}. Differing: {', '.join(differing)}."
    return invalid([FieldError("/fields", detail)])


def drift_changed() -> Problem:
    """409: a sweep saw something else meanwhile."""
    detail = "What differs is no longer what it was when it was read. Read it again, then decide."
    return conflict("drift-changed", "The drift has changed", detail)


def not_ours_to_repair(title: str) -> Problem:
    """409: adopted."""
    detail = f"{title} was never ours: it is only observed. Bring it back where it came from, or choose another one."
    return conflict("not-ours", "It is not ours to repair", detail)


def unproven(name: str, proof: str) -> Problem:
    """409: the mark names a stack that nobody here knows."""
    detail = (
        f"{name} carries a mark of SkyClust ({proof}), but of another installation or of one whose records are lost: "
        "it may be in use. If you know better, delete it in the cloud's console."
    )
    return conflict("orphan-unproven", "Nobody can tell whose it is", detail)


def being_swept(operation_id: object) -> Problem:
    """409: it is on its way out."""
    detail = f"Operation {operation_id} is deleting it. Follow that one."
    return conflict("orphan-being-swept", "It is being deleted already", detail, operation_id=str(operation_id))


def owned_again(title: str) -> Problem:
    """409: taken over since the last sweep."""
    return conflict(
        "orphan-owned", "It belongs to somebody again", f"{title} has taken it over; the list forgets it soon."
    )


def no_place(made_for: str, key: str) -> Problem:
    """409: nothing to give it back to."""
    where = f"{made_for!r}" if made_for else "a stack that is not known here"
    detail = (
        f"It was made as {key or 'a part'} of {where}, which has no place for it now: that is gone, or has another "
        "one. Sweep it, or import what it belongs to with POST /clusters:import or /networks:import."
    )
    return conflict("orphan-without-place", "There is nothing to give it back to", detail)


def not_as_wanted(fields: Sequence[str]) -> Problem:
    """409: adoption would mean to make it anew."""
    detail = f"It differs in what the cloud cannot change in place ({', '.join(fields)}). Sweep it, then repair."
    return conflict("orphan-differs", "It cannot be taken back as it is", detail)


def several_places() -> Problem:
    """422: one operation works in one place."""
    return invalid([FieldError("/orphan_ids", "Give orphans of one credential and one region at a time.")])
