"""Under which names moto's objects keep the members of an answer, looked up once per class.

moto tries up to ten spellings of every member of every object of every answer, and works them out
anew each time: more than a third of the time of a long list.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from moto.core.utils import MISSING, get_value


def remember(serialize: ModuleType) -> None:
    """Makes moto's `AttributePicker` keep the spellings that it worked out."""
    picker, usual = serialize.AttributePicker, serialize.DEFAULT_ALIAS_PROVIDERS
    work_out = picker.__call__
    known: dict[Any, tuple[str, ...]] = {}

    def pick(self: Any, context: Any) -> Any:
        if self.alias_providers is not usual:
            return work_out(self, context)
        # A spelling depends on the class, the member and its shape; shapes live as long as models.
        place = type(self), type(context.obj), context.key, context.shape
        spellings = known.get(place)
        if spellings is None:
            spellings = known[place] = tuple(dict.fromkeys(self.get_possible_keys(context)))
        value = None
        for spelling in spellings:
            found = get_value(context.obj, spelling, MISSING)
            if found is not MISSING:
                value = found
                break
        path = f"{context.key_path}.{context.key}"
        for ending, transform in self.response_transformers.items():
            if path.endswith(ending):
                return transform(value)
        return value

    picker.__call__ = pick
