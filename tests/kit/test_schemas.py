"""Field types of the wire."""

from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from skyclust.kit.schemas import Time


def test_a_time_is_written_out_and_a_bare_number_is_none():
    read = TypeAdapter(Time).validate_python
    assert read("2026-03-01T12:00:00Z") == datetime(2026, 3, 1, 12, tzinfo=UTC)
    for number in ("1772366400", " 1772366400.5", "-1", "+5"):
        with pytest.raises(ValidationError, match="Write the time out"):
            read(number)
