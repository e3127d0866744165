# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Declaring a parameter once, as a field of a dataclass.

The field's name, type and default are the parameter's; its metadata hold the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import Field, field
from typing import Any

from kosmos_ros.core.settings import check_within
from kosmos_ros.core.texts import MAX_LINE, MAX_NAME, shortened

ANY, UNCONFIGURED, AT_START = 'any', 'unconfigured', 'start'
"""When a parameter may be set: in any state of the node, while it is unconfigured, at start."""


def parameter(
    default: Any,
    description: str,
    *,
    when: str = ANY,
    within: tuple[float, float] | None = None,
    choices: Sequence[str | int] = (),
) -> Any:
    """
    Declare a parameter.

    :param within: bounds, inclusive.
    :param choices: all values there are. Where 'true' and 'false' are among them, the booleans
        that YAML makes of these words are taken as well.
    """
    metadata = {
        'description': description,
        'when': when,
        'within': within,
        'choices': tuple(choices),
    }
    return field(default=default, metadata=metadata)


def choices_of(spec: Field[Any]) -> str:
    """Return the values that a parameter may have, for people."""
    return ', '.join(str(choice) or '(empty)' for choice in spec.metadata['choices'])


def check(spec: Field[Any], value: Any, prefix: str = '') -> None:
    """
    Reject a value out of range.

    :param prefix: what precedes the field's name in the parameter's name.
    :raises ValueError: naming the parameter, what was expected and what came.
    """
    name = prefix + spec.name
    length = len(str(value))
    if length > MAX_LINE:
        raise ValueError(f'{name} must have at most {MAX_LINE} characters, got {length}')
    within, choices = spec.metadata['within'], spec.metadata['choices']
    if within:
        check_within(name, value, within)
    if choices and value not in choices:
        raise ValueError(
            f'{name} must be one of {choices_of(spec)}, got {shortened(repr(value), MAX_NAME)}'
        )


def word_of(spec: Field[Any], value: Any) -> Any:
    """Return the word that YAML read as a boolean, of parameters with a choice of words."""
    is_word = isinstance(value, bool) and 'true' in spec.metadata['choices']
    return str(value).lower() if is_word else value
