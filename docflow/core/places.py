"""Where on a page something stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A rectangle on a page, counted from 1, in points from the upper left corner of the page as it is shown."""

    page: int
    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def as_json(self) -> list[float]:
        return [self.page, *(round(each, 1) for each in (self.left, self.top, self.right, self.bottom))]

    @classmethod
    def from_json(cls, data: Sequence[float]) -> Place:
        page, left, top, right, bottom = data
        return cls(int(page), left, top, right, bottom)
