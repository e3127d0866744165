# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""An evaluation as a table for people and as data for programs."""

from __future__ import annotations

from dataclasses import dataclass
import json
from pathlib import Path
import platform
from typing import Any

from kosmos_ros.evaluation.cases import Kind
from kosmos_ros.evaluation.metrics import Tally, threshold_sweep

REPORT_FILE = 'eval.json'


@dataclass(frozen=True)
class Setting:
    """What was measured."""

    model: str
    seeds: range
    existence_threshold: float


def table(tally: Tally, setting: Setting) -> str:
    """Return the figures as lines for a terminal."""
    head = (
        f'{setting.model} on {len(setting.seeds)} held-out scenes '
        f'(seeds {setting.seeds.start}..{setting.seeds.stop - 1}), {tally.questions} questions'
    )
    lines = [head, '', f'{"question":32}{"figure":14}{"value":>7}{"of":>8}']
    for kind in Kind:
        for name, figure in tally.figures.get(kind, {}).items():
            lines.append(f'{kind.value:32}{name:14}{figure.value:7.3f}{figure.count:8.0f}')
    mean = 1000 * tally.seconds / max(1, tally.questions)
    lines += ['', f'mean time of a question {mean:.0f} ms']
    return '\n'.join(lines)


def data(tally: Tally, setting: Setting) -> dict[str, Any]:
    """Return the figures as JSON can hold them."""
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
        'thresholds': [
            {name: round(value, 4) for name, value in row.items()}
            for row in threshold_sweep(tally)
            if tally.present and tally.absent
        ],
    }


def save(tally: Tally, setting: Setting, folder: Path) -> Path:
    """Write ``eval.json`` into a folder, which is made if need be, and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / REPORT_FILE
    path.write_text(json.dumps(data(tally, setting), indent=2) + '\n')
    return path
