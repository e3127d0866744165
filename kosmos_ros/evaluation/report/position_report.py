# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Errors of positions as lines of a table and as data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kosmos_ros.evaluation.studies.positions import Errors, PositionStudy, Way


def position_lines(study: PositionStudy) -> Iterator[str]:
    """Yield a table: a row for each way, then one for each shape with boxes as returned."""
    yield f'{"3D position error, mm":46}{"median":>10}{"90 %":>10}{"none":>8}{"of":>7}'
    for way in Way:
        yield _row(way.value, study.total(way))
    for shape, errors in sorted(study.errors[Way.RETURNED].items()):
        yield _row(f'  {shape}', errors)


def position_data(study: PositionStudy) -> dict[str, Any]:
    """Return the same in types of JSON, by way and shape, in metres."""
    return {
        way.value: {'all': _figures(study.total(way))}
        | {shape: _figures(errors) for shape, errors in sorted(study.errors[way].items())}
        for way in Way
        if study.total(way).count
    }


def _row(name: str, errors: Errors) -> str:
    median, most = 1000 * errors.quantile(0.5), 1000 * errors.quantile(0.9)
    return f'{name:46}{median:10.1f}{most:10.1f}{errors.none:8d}{errors.count:7d}'


def _figures(errors: Errors) -> dict[str, float]:
    figures: dict[str, float] = {'none': errors.none, 'of': errors.count}
    if errors.distances:
        figures['median'] = round(errors.quantile(0.5), 5)
        figures['90 %'] = round(errors.quantile(0.9), 5)
    return figures
