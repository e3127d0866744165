# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Figures of evaluations as tables of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from kosmos_ros.datasets.levels import LEVELS
from kosmos_ros.evaluation.questions.cases import Kind
from scripts.card.results import Data
from scripts.card.targets import Target, TARGETS

SCORES = {
    'existence': 'existence of a phrase asked for',
    'box': 'located box',
    'written': 'box in a text',
    'words': 'wording of an expression',
    'closer_existence': 'existence, in a closer look',
    'closer_box': 'located box, in a closer look',
}
_CORNERS = {
    Kind.UNIQUE.value: 'LOCATE, one object',
    Kind.ASK_WHERE.value: 'ASK, where',
    Kind.CAPTION.value: 'DESCRIBE',
}
_WAYS = ('tokens', 'true cells', 'best cells', 'sub-cell')
_IN_LEVELS = (
    ('one object, IoU 0.5', Kind.UNIQUE, 'Acc@0.5'),
    ('mean IoU', Kind.UNIQUE, 'mean IoU'),
    ('several, F1', Kind.SEVERAL, 'F1'),
    ('relation', Kind.RELATION, 'all right'),
    ('absent refused', Kind.ABSENT, 'refused'),
    ('identify', Kind.IDENTIFY, 'exact'),
    ('how many', Kind.ASK_COUNT, 'exact'),
    ('describe, F1', Kind.CAPTION, 'F1'),
    ('instruct', Kind.INSTRUCT, 'all right'),
)


def lines(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table."""
    every = [head, ['---'] * len(head), *rows]
    return '\n'.join(f'| {" | ".join(cells)} |' for cells in every)


def target_table(standard: Data) -> str:
    """Return the goals beside the measured values."""
    head = ('figure', 'wanted', 'measured', 'of', '')
    return lines(head, (_target_row(target, standard) for target in TARGETS))


def _target_row(target: Target, standard: Data) -> list[str]:
    there = target.read(standard)
    short = target.shortfall(there.value)
    verdict = 'met' if short <= 0 else f'missed by {max(short, 0.001):.3f}'
    return [target.words, target.wanted, f'**{there.value:.3f}**', str(there.count), verdict]


def question_table(figures: Mapping[str, Any]) -> str:
    """Return every figure of every kind of question."""
    known = [kind.value for kind in Kind if kind.value in figures]
    rows = [
        _figure_row(kind if first else '', name, figure)
        for kind in known
        for first, (name, figure) in _with_first(figures[kind].items())
    ]
    return lines(('question', 'figure', 'value', 'of'), rows)


def split_table(splits: Mapping[str, Any], trait: str) -> str:
    """Return the mean grades of each task by a trait of the question."""
    values = splits[trait]
    tasks = sorted({task for figures in values.values() for task in figures})
    rows = [
        [value, *(_graded(figures.get(task)) for task in tasks)]
        for value, figures in values.items()
    ]
    return lines([trait, *tasks], rows)


def level_table(groups: Mapping[str, Any]) -> str:
    """Return some figures of each level."""
    head = ['level', *(words for words, _, _ in _IN_LEVELS), 'what it is']
    rows = [
        [level, *(_in_level(figures, kind, name) for _, kind, name in _IN_LEVELS), _text(level)]
        for level, figures in groups.items()
    ]
    return lines(head, rows)


def score_table(figures: Mapping[str, Any]) -> str:
    """Return the reliability of each sort of score, before and after calibration."""
    head = (
        *(
            'score',
            'of',
            'right',
            'mean before / after',
            'calibration error before / after (95 %)',
        ),
        *('by chance', 'NLL before / after', 'AUC'),
    )
    return lines(head, (_score_row(SCORES[name], both) for name, both in figures.items()))


def _score_row(name: str, both: Mapping[str, Any]) -> list[str]:
    before, after = both['before'], both['after']
    return [
        name,
        f'{after["count"]}',
        f'{after["share_right"]:.3f}',
        f'{before["mean_score"]:.3f} / {after["mean_score"]:.3f}',
        f'{before["ece"]:.3f} / **{after["ece"]:.3f}** '
        f'({after["ece_low"]:.3f} to {after["ece_high"]:.3f})',
        f'{after["ece_chance"]:.3f}',
        f'{before["nll"]:.3f} / {after["nll"]:.3f}',
        '-' if after['auc'] is None else f'{after["auc"]:.3f}',  # without wrong answers
    ]


def corner_table(corners: Mapping[str, Any]) -> str:
    """Return the overlap of boxes by the way of reading their corners."""
    head = ('boxes', 'of', 'tokens chosen', 'tokens of the true box', 'best tokens there are')
    return lines((*head, '**as returned**'), _corner_rows(corners))


def _corner_rows(corners: Mapping[str, Any]) -> Iterator[list[str]]:
    for kind, name in _CORNERS.items():
        sizes = corners.get(kind, {})
        for size in ('all', *sorted(set(sizes) - {'all'}, key=_rank_of_size)):
            if size in sizes:
                *coarse, fine = (f'{sizes[size][way]:.3f}' for way in _WAYS)
                first = name if size == 'all' else size
                yield [first, str(sizes[size]['of']), *coarse, f'**{fine}**']


def position_table(errors: Mapping[str, Any]) -> str:
    """Return errors of positions in space, in millimetres: by way, then by shape as returned."""
    returned = next(iter(errors.values()))
    rows = [(way, shapes['all']) for way, shapes in errors.items()]
    rows += [(shape, figures) for shape, figures in returned.items() if shape != 'all']
    return lines(('', 'median', '90 %', 'without position', 'of'), map(_position_row, rows))


def _position_row(row: tuple[str, Mapping[str, float]]) -> list[str]:
    name, figures = row
    distances = (figures.get(quantile) for quantile in ('median', '90 %'))
    millimetres = ('-' if value is None else f'{1000 * value:.1f}' for value in distances)
    return [name, *millimetres, f'{figures["none"]}', f'{figures["of"]}']


def wording_table(wordings: Mapping[str, Any]) -> str:
    """Return the effect of wordings on answers."""
    head = (
        *('put as', 'for example', 'in the training'),
        *('there: all right', 'of', 'not there: refused', 'of'),
    )
    return lines(head, (_wording_row(name, figures) for name, figures in wordings.items()))


def _wording_row(name: str, figures: Mapping[str, Any]) -> list[str]:
    cells = [name, figures['example'], 'yes' if figures['trained'] else 'no']
    for side, figure in (('present', 'all right'), ('absent', 'refused')):
        there = figures.get(side)
        cells += [f'{there[figure]:.3f}', f'{there["of"]}'] if there else ['', '']
    return cells


def instruction_table(figures: Mapping[str, Any]) -> str:
    """Return the figures of instructions."""
    every, target = ('all right', 'all right'), ('target', 'target right (IoU 0.5)')
    refused = ('refused', 'absent one refused')
    destination = ('destination', 'destination right (IoU 0.5)')
    examples = (
        (Kind.INSTRUCT, 'put the red cube into the blue bowl', (every, target, destination)),
        (Kind.INSTRUCT_RELATED, 'pick up the cube left of the red bowl', (every, target)),
        (Kind.INSTRUCT_ABSENT, 'the same with one object absent', (refused, every)),
    )
    rows = [
        _figure_row(example if first else '', name, figures[kind.value][figure])
        for kind, example, shown in examples
        for first, (figure, name) in _with_first(shown)
    ]
    return lines(('instruction', 'figure', 'value', 'of'), rows)


def _figure_row(what: str, name: str, figure: Mapping[str, float]) -> list[str]:
    return [what, name, f'{figure["value"]:.3f}', f'{figure["of"]:.0f}']


def _with_first(entries: Iterable[tuple[str, Any]]) -> Iterator[tuple[bool, tuple[str, Any]]]:
    return ((place == 0, entry) for place, entry in enumerate(entries))


def _graded(figure: Mapping[str, float] | None) -> str:
    return f'{figure["value"]:.3f} of {figure["of"]:.0f}' if figure else ''


def _in_level(figures: Mapping[str, Any], kind: Kind, name: str) -> str:
    figure = figures.get(kind.value, {}).get(name)
    return f'{figure["value"]:.3f}' if figure else '-'


def _text(level: str) -> str:
    return LEVELS[level].text if level in LEVELS else ''


def _rank_of_size(size: str) -> int:
    return ('small', 'medium', 'large').index(size.partition(',')[0])
