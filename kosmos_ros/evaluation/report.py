# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""An evaluation as a table for people and as data for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
import json
from pathlib import Path
import platform
from typing import Any

from kosmos_ros.evaluation.calibration_report import HEADER, rounded, row
from kosmos_ros.evaluation.cases import Kind
from kosmos_ros.evaluation.corners import CornerStudy, SIZES, WAYS
from kosmos_ros.evaluation.evidence import Evidence, Score
from kosmos_ros.evaluation.metrics import Tally, threshold_sweep
from kosmos_ros.evaluation.position_report import position_data, position_lines
from kosmos_ros.evaluation.positions import PositionStudy
from kosmos_ros.evaluation.reliability import Reliability, reliability

REPORT_FILE = 'eval.json'


@dataclass(frozen=True)
class Setting:
    """What was measured."""

    model: str
    seeds: range
    existence_threshold: float


@dataclass(frozen=True)
class Measured:
    """
    All figures.

    How right answers were, what their scores are worth, where corners lie, and where in space
    things were found.
    """

    tally: Tally
    evidence: Evidence
    corners: CornerStudy
    positions: PositionStudy

    def reliabilities(self) -> dict[Score, Reliability]:
        """Return the figures of each sort of score that was seen."""
        seen = {score: self.evidence.judged(score) for score in Score}
        return {score: reliability(judged) for score, judged in seen.items() if len(judged)}


def table(measured: Measured, setting: Setting) -> str:
    """Return the figures as lines for a terminal."""
    tally = measured.tally
    head = (
        f'{setting.model} on {len(setting.seeds)} held-out scenes '
        f'(seeds {setting.seeds.start}..{setting.seeds.stop - 1}), {tally.questions} questions'
    )
    lines = [head, '', f'{"question":32}{"figure":14}{"value":>7}{"of":>8}']
    for kind in Kind:
        for name, figure in tally.figures.get(kind, {}).items():
            lines.append(f'{kind.value:32}{name:14}{figure.value:7.3f}{figure.count:8.0f}')
    lines += ['', HEADER]
    lines += [row(score, figures) for score, figures in measured.reliabilities().items()]
    lines += ['', *_corner_lines(measured.corners)]
    lines += ['', *position_lines(measured.positions)]
    mean = 1000 * tally.seconds / max(1, tally.questions)
    lines += ['', f'mean time of a question {mean:.0f} ms']
    return '\n'.join(lines)


def data(measured: Measured, setting: Setting) -> dict[str, Any]:
    """Return the figures as JSON can hold them."""
    tally = measured.tally
    return {
        'model': setting.model,
        'seeds': [setting.seeds.start, setting.seeds.stop - 1],
        'scenes': len(setting.seeds),
        'questions': tally.questions,
        'existence_threshold': setting.existence_threshold,
        'machine': platform.machine(),
        'python': platform.python_version(),
        'mean_seconds': round(tally.seconds / max(1, tally.questions), 4),
        'figures': {
            kind.value: {
                name: {'value': round(figure.value, 4), 'of': figure.count}
                for name, figure in figures.items()
                if figure.count
            }
            for kind, figures in tally.figures.items()
        },
        'scores': {
            score.value: rounded(figures) for score, figures in measured.reliabilities().items()
        },
        'mean_iou_by_corners': {
            kind.value: {
                size: {way: round(figure.value, 4) for way, figure in ways.items()}
                | {'of': int(ways[WAYS[0]].count)}
                for size, ways in sizes.items()
            }
            for kind, sizes in measured.corners.figures.items()
        },
        'position_errors': position_data(measured.positions),
        'thresholds': [
            {name: round(value, 4) for name, value in entry.items()}
            for entry in threshold_sweep(tally)
            if tally.present and tally.absent
        ],
    }


def save(measured: Measured, setting: Setting, folder: Path) -> Path:
    """Write ``eval.json`` into a folder, which is made if need be, and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / REPORT_FILE
    path.write_text(json.dumps(data(measured, setting), indent=2) + '\n')
    return path


def _corner_lines(corners: CornerStudy) -> Iterator[str]:
    columns = ''.join(f'{way:>12}' for way in WAYS)
    yield f'{"mean IoU of boxes by their corners":56}{columns}{"of":>7}'
    for kind, sizes in corners.figures.items():
        for size in SIZES:
            if size in sizes:
                ways = sizes[size]
                figures = ''.join(f'{ways[way].value:12.3f}' for way in WAYS)
                yield f'{kind.value:32}{size:24}{figures}{ways[WAYS[0]].count:7.0f}'
