# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The demo's table, its summary, and the same as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import zip_longest
import json
from pathlib import Path
from statistics import fmean, median
import textwrap
from typing import Any

from kosmos_ros.core.files import write_text
from kosmos_ros.core.types import Grounding, Task
from kosmos_ros.demo.questions import DemoQuestion
from kosmos_ros.demo.truth import Position, TruthObject
from kosmos_ros.demo.verdicts import Verdict

NARROWEST_TABLE = 76
"""Columns; on anything narrower each answer gets lines of its own."""

WIDEST_TABLE = 120

_FIXED = 8 + 5 + 4 + 5 + 11 + 5 + 7 * 2
"""Columns of the table that are not shared between the question and the answer."""


@dataclass(frozen=True)
class JudgedAnswer:
    """
    A question, its answer and the verdicts on it.

    ``milliseconds`` is the client's time from request to response, ``scene`` the simulator's seed,
    ``stamp`` the image's in seconds, ``positions`` those of detections by id. ``is_far``: seen
    from across the room.
    """

    scene: int
    question: DemoQuestion
    grounding: Grounding
    verdicts: tuple[Verdict, ...]
    milliseconds: float
    stamp: float
    positions: Mapping[str, Position] = field(default_factory=dict)
    is_far: bool = False


@dataclass(frozen=True)
class DemoSummary:
    """
    Figures over all answers.

    ``mean_iou`` (0..1) is over the objects that LOCATE was asked for, 0 for each missed one; None
    if there are none. ``median_centimetres`` is the distance of positions in space from the true
    ones, None without positions.
    """

    right: int
    asked: int
    absent_refused: int
    absent_asked: int
    mean_iou: float | None
    median_milliseconds: float
    median_centimetres: float | None = None

    @property
    def acceptable(self) -> bool:
        """Whether the model works, rather than the installation being broken."""
        grounded = self.mean_iou is None or self.mean_iou >= 0.5
        return grounded and 2 * self.right >= self.asked > 0

    def __str__(self) -> str:
        """Return the figures in one sentence."""
        overlap = _figure(self.mean_iou, form=', mean IoU of LOCATE {}')
        error = _figure(self.median_centimetres, 1, ', median 3D error {} cm')
        return (
            f'{self.right} of {self.asked} answers right{overlap}{error}, '
            f'{self.absent_refused} of {self.absent_asked} absent objects refused, '
            f'{self.median_milliseconds:.0f} ms per question (median)'
        )


def summarize(answers: Sequence[JudgedAnswer]) -> DemoSummary:
    """Add up the verdicts of all answers."""
    verdicts = [verdict for answer in answers for verdict in answer.verdicts]
    located = _judged(answers, Task.LOCATE)
    pairs = [*located, *_judged(answers, Task.INSTRUCT)]
    absent = [verdict.right for target, verdict in pairs if target is None]
    overlaps = [verdict.iou or 0.0 for target, verdict in located if target]
    errors = [verdict.centimetres for _, verdict in pairs if verdict.centimetres is not None]
    return DemoSummary(
        right=sum(verdict.right for verdict in verdicts),
        asked=len(verdicts),
        absent_refused=sum(absent),
        absent_asked=len(absent),
        mean_iou=fmean(overlaps) if overlaps else None,
        median_milliseconds=median(answer.milliseconds for answer in answers) if answers else 0.0,
        median_centimetres=median(errors) if errors else None,
    )


def _judged(
    answers: Sequence[JudgedAnswer], task: Task
) -> list[tuple[TruthObject | None, Verdict]]:
    return [
        pair
        for answer in answers
        if answer.question.task is task
        for pair in zip(answer.question.targets, answer.verdicts, strict=True)
    ]


class Table:
    """Lays out answers for a terminal of some columns, wrong ones in a ``color`` if asked to."""

    def __init__(self, columns: int, color: bool = False) -> None:
        self._columns = min(columns, WIDEST_TABLE)
        self._color = color
        free = self._columns - _FIXED
        self._query_width = free * 3 // 7
        self._answer_width = free - self._query_width

    @property
    def header(self) -> str:
        """Titles of the columns; empty where each answer has lines of its own."""
        if self._stacked:
            return ''
        titles = self._line('task', 'query', 'answer', 'score', 'IoU', '3D cm', 'verdict', 'ms')
        return f'{titles}\n{"-" * self._columns}'

    def rows(self, answer: JudgedAnswer) -> str:
        """Return the lines of one answer."""
        form = self._stack if self._stacked else self._row
        verdicts = enumerate(answer.verdicts)
        return '\n'.join(
            line for index, one in verdicts for line in form(answer, one, first=index == 0)
        )

    def paragraph(self, text: str) -> str:
        """Return a text in lines of the table's width."""
        return textwrap.fill(text, self._columns)

    @property
    def _stacked(self) -> bool:
        return self._columns < NARROWEST_TABLE

    def _row(self, answer: JudgedAnswer, verdict: Verdict, first: bool) -> list[str]:
        columns = (
            [answer.question.task.name if first else ''],
            textwrap.wrap(verdict.asked, self._query_width),
            textwrap.wrap(verdict.answer, self._answer_width) or ['(no words)'],
            [_figure(verdict.score)],
            [_figure(verdict.iou)],
            [_figure(verdict.centimetres, 1)],
            textwrap.wrap(verdict.verdict, 11),
            [f'{answer.milliseconds:.0f}' if first else ''],
        )
        lines = (self._line(*cells) for cells in zip_longest(*columns, fillvalue=''))
        return [self._paint(line, verdict) for line in lines]

    def _line(self, *cells: str) -> str:
        task, query, answer, score, overlap, error, verdict, milliseconds = cells
        return (
            f'{task:8}  {query:{self._query_width}}  {answer:{self._answer_width}}  '
            f'{score:>5}  {overlap:>4}  {error:>5}  {verdict:11}  {milliseconds:>5}'
        ).rstrip()

    def _stack(self, answer: JudgedAnswer, verdict: Verdict, first: bool) -> list[str]:  # noqa: ARG002
        figures = [
            _figure(verdict.score, form='score {}'),
            _figure(verdict.iou, form='IoU {}'),
            _figure(verdict.centimetres, 1, '3D {} cm off'),
            f'{answer.milliseconds:.0f} ms',
        ]
        summary = ', '.join([verdict.verdict, *filter(None, figures)])
        asked = f'{answer.question.task.name}: {verdict.asked}'
        return [
            *(textwrap.wrap(asked, self._columns) if verdict.asked else ()),
            *_indented(verdict.answer or '(no words)', self._columns),
            *(self._paint(line, verdict) for line in _indented(f'-> {summary}', self._columns)),
        ]

    def _paint(self, line: str, verdict: Verdict) -> str:
        return f'\x1b[33m{line}\x1b[0m' if self._color and not verdict.right else line


def save_json(path: Path, answers: Sequence[JudgedAnswer], summary: DemoSummary) -> None:
    """Write all questions, answers and measurements."""
    content = {'summary': asdict(summary), 'answers': [_as_json(answer) for answer in answers]}
    write_text(path, json.dumps(content, indent=2) + '\n')


def _as_json(answer: JudgedAnswer) -> dict[str, Any]:
    question, grounding = answer.question, answer.grounding
    return {
        'scene': answer.scene,
        'is_far': answer.is_far,
        'stamp': answer.stamp,
        'task': question.task.name,
        'query': question.query,
        'region': asdict(question.region) if question.region else None,
        'status': grounding.status.name,
        'text': grounding.text,
        'detections': [
            asdict(detection) | {'role': role.name}
            for detection, role in zip(grounding.detections, grounding.roles, strict=True)
        ],
        'positions': {name: list(position) for name, position in answer.positions.items()},
        'looks': [asdict(look) for look in grounding.looks],
        'model': grounding.model,
        'milliseconds': round(answer.milliseconds, 1),
        'verdicts': [asdict(verdict) for verdict in answer.verdicts],
        'truth': [asdict(target) for target in question.targets if target],
    }


def _figure(value: float | None, digits: int = 2, form: str = '{}') -> str:
    return '' if value is None else form.format(f'{value:.{digits}f}')


def _indented(text: str, columns: int) -> list[str]:
    return textwrap.wrap(text, columns, initial_indent='  ', subsequent_indent='  ')
