"""The services' fixtures: the same small courses, here with several people acting at once."""

from __future__ import annotations

