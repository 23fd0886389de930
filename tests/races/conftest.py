"""The services' fixtures: the same small courses, here with several people acting at once."""

from __future__ import annotations

from tests.services.conftest import (
    _no_process_is_left,
    assessed,
    awaiting,
    data_directory,
    drafted,
    installation,
)

# Fixtures are found by their names.
__all__ = ["_no_process_is_left", "assessed", "awaiting", "data_directory", "drafted", "installation"]
