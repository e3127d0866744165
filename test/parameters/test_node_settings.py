# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What the parameters of the node come to."""

from __future__ import annotations

from dataclasses import Field, fields
import math

from hypothesis import given
from hypothesis import strategies as st
import pytest

from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.core.settings import GrounderSettings
from kosmos_ros.core.types import GroundingRequest, Region, Task
from kosmos_ros.parameters.node_settings import NodeSettings


def test_defaults_are_those_of_the_parts() -> None:
    assert NodeSettings().model_settings() == ModelSettings()
    assert NodeSettings().grounder_settings() == GrounderSettings()
    assert NodeSettings().standing() == (None, 0.0, '')


@pytest.mark.parametrize(
    ('parameter', 'settings', 'setting'),
    [
        *((name, GrounderSettings, name) for name in ('max_new_tokens', 'existence_threshold')),
        ('max_detections', GrounderSettings, 'max_boxes'),
        ('threads', ModelSettings, 'threads'),
    ],
)
def test_a_parameter_has_the_range_of_its_setting(
    parameter: str, settings: type, setting: str
) -> None:
    (spec,) = (one for one in fields(NodeSettings) if one.name == parameter)
    low, high = spec.metadata['within']
    settings(**{setting: low})
    settings(**{setting: high})
    for beyond in (low - 1, high + 1):
        with pytest.raises(ValueError, match=f'{setting} must be within {low}..{high}'):
            settings(**{setting: beyond})
        with pytest.raises(ValueError, match=f'{parameter} must be within {low}..{high}'):
            NodeSettings(**{parameter: beyond})


NUMBERS = [one for one in fields(NodeSettings) if type(one.default) in (int, float)]
EXTREMES = (
    *(math.nan, math.inf, -math.inf, -0.0, 5e-324, 1e-30, 1.7e308, -1.7e308),
    *(-(2**63), -1, 0, 1, 2**31 - 1, 2**63 - 1),
)


@pytest.mark.parametrize('spec', NUMBERS, ids=lambda spec: spec.name)
def test_a_number_is_within_its_range_or_refused(spec: Field) -> None:
    low, high = spec.metadata['within']
    for value in EXTREMES:
        if low <= value <= high:
            assert getattr(NodeSettings(**{spec.name: value}), spec.name) == value
            continue
        with pytest.raises(ValueError, match=spec.name):
            NodeSettings(**{spec.name: value})


VALUES = {
    bool: st.booleans(),
    int: st.integers(-(2**63), 2**63 - 1),
    float: st.floats(),
    str: st.text(),
}
"""What ROS lets be set, by the type of the default."""


@given(st.data(), st.sampled_from(fields(NodeSettings)))
def test_a_value_of_any_kind_is_taken_or_refused_in_words(
    data: st.DataObject, spec: Field
) -> None:
    if isinstance(spec.default, tuple):
        value = tuple(data.draw(st.lists(VALUES[type(spec.default[0])], max_size=6)))
    else:
        value = data.draw(VALUES[type(spec.default)])
    try:
        settings = NodeSettings(**{spec.name: value})
    except ValueError as error:
        assert str(error)  # noqa: PT017
    else:
        settings.model_settings()
        settings.grounder_settings()


def test_the_standing_query_is_made_of_its_parameters() -> None:
    settings = NodeSettings(
        standing_enabled=True,
        standing_task='locate',
        standing_query='the mug',
        standing_region=(1, 2, 3, 4),
        standing_rate_hz=2.0,
    )
    request = GroundingRequest('the mug', Task.LOCATE, Region(1, 2, 3, 4))
    assert settings.standing() == (request, 2.0, '')
