# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""An evaluation as a web page in one file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
import json

from kosmos_ros.evaluation.report.figures import (
    About,
    figure_rows,
    first_figures,
    mean_seconds,
    shown_groups,
    table,
    title,
)
from kosmos_ros.evaluation.report.worst_pictures import Drawn
from kosmos_ros.evaluation.studies.wordings import HEAD, wording_cells, WordingStudy
from kosmos_ros.evaluation.summary import Summary
from kosmos_ros.results import page as parts

Plotted = tuple[str, bytes, bytes]
"""What a plot shows in words, and its PNGs for light and for dark paper."""

_TILES = 8


def report_page(
    summary: Summary, about: About, plots: Sequence[Plotted], worst: Sequence[Drawn]
) -> str:
    """Return the page."""
    body = [
        '<p class="faint">Measured with kosmos-ros eval. A grade is the first figure of a kind of '
        f'question, 0 to 1 for each answer. Data: {escape(about.data)}.</p>',
        parts.tiles(_headlines(summary)),
        '<h2>Plots</h2><div class="plots">',
        *(parts.plot(light, dark, alt) for alt, light, dark in plots),
        '</div><h2>Figures</h2>',
        parts.table(
            ('question', 'figure', 'value', 'of', *shown_groups(summary)), figure_rows(summary)
        ),
        *_wordings(summary.wordings),
        *_worst(worst),
        '<h2>Everything as text</h2>',
        parts.details('the table of the terminal', f'<pre>{escape(table(summary, about))}</pre>'),
        parts.details(
            'settings', f'<pre>{escape(json.dumps(about.settings, indent=2, default=str))}</pre>'
        ),
    ]
    return parts.page(title(summary, about), body)


def _headlines(summary: Summary) -> Iterator[tuple[str, str]]:
    """Yield the first figure of each kind, those asked most first, and the time."""
    first = first_figures(summary)
    most_asked = sorted(first, key=lambda row: -row[2].count)[:_TILES]
    for kind, name, figure in (row for row in first if row in most_asked):
        yield f'{figure.value:.3f}', f'{kind.value} ({name})'
    yield f'{1000 * mean_seconds(summary.tally):.0f} ms', 'mean time of a question'


def _wordings(study: WordingStudy) -> Iterator[str]:
    """Yield the table of wordings, if they were studied."""
    if study.studied:
        yield (
            '<h2>Ways to put it</h2><p class="faint">Right, IoU and the first existence: of '
            'phrases for what is there. Refused and the second: of the same phrasing for what is '
            'not there. Trained: whether the training of the embedded model puts phrases so.</p>'
        )
        yield parts.table(HEAD, [wording_cells(*row) for row in study.rows()])


def _worst(worst: Sequence[Drawn]) -> Iterator[str]:
    if not worst:
        yield '<h2>Worst answers</h2><p>Every answer was right.</p>'
        return
    yield (
        f'<h2>The {len(worst)} worst answers</h2><p class="faint">By their grades; of equal '
        'grades each kind of question gives one in turn, those first that the model was surest '
        'of. Solid: as answered. Dashed: what is right.</p><div class="cases">'
    )
    for drawn in worst:
        yield _figure(drawn)
    yield '</div>'


def _figure(drawn: Drawn) -> str:
    record = drawn.graded.record
    lines = (
        ('answer', drawn.answer, 'bad'),
        ('right', drawn.right, 'good'),
        ('grade', f'{drawn.graded.grade:.2f}', ''),
        ('key', record.key, 'faint'),
    )
    words = ''.join(
        f'<dt>{name}</dt><dd class="{style}">{escape(text)}</dd>' for name, text, style in lines
    )
    return (
        f'<figure>{parts.photo(drawn.image, drawn.question)}<figcaption>'
        f'{escape(drawn.question)}<dl>{words}</dl></figcaption></figure>'
    )
