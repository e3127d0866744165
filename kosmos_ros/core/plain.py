# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Frozen dataclasses to values for JSON, and back.

Fields at their defaults are left out, enum members are written by their names, and tuples and
mappings as lists and objects. What is read back equals what was written. All JSON is made here,
field by field, so that a new field needs no further line.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
import types
from types import MappingProxyType
from typing import Any, get_args, get_origin, get_type_hints, TypeVar, Union

from kosmos_ros.core.texts import quoted, told

T = TypeVar('T')
Leaves = Mapping[type, Callable[[Any], Any]]


def to_plain(value: Any, leaves: Leaves = MappingProxyType({}), *, whole: bool = False) -> Any:
    """
    Return a value in types of JSON.

    :param value: a dataclass of such values, a ROS message, an enum member, a tuple, list or
        mapping by names or enum members, or a number, text or None.
    :param leaves: by type, the conversion of its values instead.
    :param whole: keep fields at their defaults.
    """
    if type(value) in leaves:
        return leaves[type(value)](value)
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, (tuple, list, array)):
        return [to_plain(item, leaves, whole=whole) for item in value]
    items = _items(value, whole)
    if items is None:
        return value
    return {
        name.name if isinstance(name, Enum) else name: to_plain(item, leaves, whole=whole)
        for name, item in items.items()
    }


def _items(value: Any, whole: bool) -> Mapping[str, Any] | None:
    """Return the fields of a value by name, None if it has none."""
    if isinstance(value, Mapping):
        return value
    if is_dataclass(value):
        return {
            field.name: getattr(value, field.name)
            for field in fields(value)
            # One without a default has MISSING for it, which no value equals.
            if whole or getattr(value, field.name) != field.default
        }
    if hasattr(value, 'get_fields_and_field_types'):
        return {name: getattr(value, name) for name in value.get_fields_and_field_types()}
    return None


def from_plain(kind: type[T], data: Any) -> T:
    """
    Return the value that ``to_plain`` made ``data`` of.

    :param kind: its type: a dataclass with annotations of such types.
    :raises ValueError: if the data is none of that type.
    """
    try:
        value: T = _read(kind, data)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise ValueError(f'expected the data of a {kind.__name__}: {told(error)}') from error
    return value


def _read(kind: Any, data: Any) -> Any:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        inner = next(choice for choice in get_args(kind) if choice is not type(None))
        return None if data is None else _read(inner, data)
    if origin is tuple:
        return _read_tuple(get_args(kind), data)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        names, inner = get_args(kind)
        return {_read(names, name): _read(inner, item) for name, item in data.items()}
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{name: _read(hints[name], item) for name, item in data.items()})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind[data]
    # JSON does not distinguish 1.0 from 1.
    value = float(data) if kind is float and isinstance(data, int) else data
    if isinstance(kind, type) and kind is not Any and not isinstance(value, kind):
        raise TypeError(f'{quoted(value)} is no {kind.__name__}')
    return value


def _read_tuple(inner: tuple[Any, ...], data: Any) -> tuple[Any, ...]:
    if len(inner) == 2 and inner[1] is Ellipsis:
        return tuple(_read(inner[0], item) for item in data)
    return tuple(_read(kind, item) for kind, item in zip(inner, data, strict=True))


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)
