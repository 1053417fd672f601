"""Chance, from a seed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random
from typing import Any, TypeVar

T = TypeVar("T")


class Dice(Random):
    """What a life is thrown with: the same seed makes the same life."""

    def maybe(self, chance: float) -> bool:
        """True in so many of all cases, 0 to 1."""
        return self.random() < chance

    def pick(self, *options: T) -> T:
        """One of them."""
        return self.choice(options)

    def some(self, options: Iterable[T], least: int = 0) -> list[T]:
        """Some of them, in any order."""
        all_of_them = list(options)
        return self.sample(all_of_them, self.randint(least, len(all_of_them)))

    def part(self, options: dict[str, Any]) -> dict[str, Any]:
        """Some of the entries."""
        return dict(self.some(options.items()))

    def fields(self, chance: float, **makers: Callable[[], Any]) -> dict[str, Any]:
        """Each field with this chance, with what its maker makes."""
        return {name: make() for name, make in makers.items() if self.maybe(chance)}
