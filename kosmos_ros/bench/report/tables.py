# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Plain text tables and numbers for people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from kosmos_ros.bench.report.figures import measured, MILLI, Run, typical

Cells = Callable[[Run], str]
"""Makes a cell from the measurements of a variant."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Lay out cells: the first column to the left, all others to the right."""
    lines = [list(head), *(list(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    form = f'{{:{widths[0]}}}' + ''.join(f'  {{:>{width}}}' for width in widths[1:])
    laid = [form.format(*line).rstrip() for line in lines]
    return '\n'.join([laid[0], '-' * max(map(len, laid)), *laid[1:]])


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return cells as a table in Markdown."""
    lines = [head, ['---'] * len(head), *rows]
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines)


def variant_table(
    title: str, variants: Mapping[str, Run], rows: Iterable[tuple[str, Cells]]
) -> str:
    """Lay out a row of cells for each figure, a column for each variant, and what is left out."""
    there = {name: part for name, part in variants.items() if measured(part)}
    lines = [
        f'{name} was left out: {part["left_out"]}'
        for name, part in variants.items()
        if not measured(part)
    ]
    if there:
        cells = [[label, *(cell(part) for part in there.values())] for label, cell in rows]
        lines.insert(0, table([title, *there], cells))
    return '\n'.join(lines)


def duration(seconds: float) -> str:
    """Return a time with a unit that suits it."""
    if seconds >= 10:
        return f'{seconds:.1f} s'
    if seconds >= 1:
        return f'{seconds:.2f} s'
    milliseconds = MILLI * seconds
    return f'{milliseconds:.0f} ms' if milliseconds >= 100 else f'{milliseconds:.3g} ms'


def times(timing: Run) -> str:
    """Return the median of repeats and, if there are several, the shortest."""
    seconds = timing['seconds']
    rest = 'once' if len(seconds) == 1 else duration(min(seconds))
    return f'{duration(typical(timing))} ({rest})'


def gigabytes(number: float) -> str:
    """Return bytes as GB, or MB where they are few."""
    return f'{number / 1e9:.1f} GB' if number >= 1e9 else f'{number / 1e6:.0f} MB'


def parameters(count: int) -> str:
    """Return the size of a model."""
    if count >= 1e9:
        return f'{count / 1e9:.2f} billion parameters'
    return f'{count / 1e6:.1f} million parameters'


def decimal(value: float | None, digits: int) -> str:
    """Return a number with so many digits after the point, a dash where there is none."""
    return '-' if value is None else f'{value:.{digits}f}'


def accuracy_cells(part: Run) -> tuple[str, str]:
    """Return Acc@0.5 and mean IoU of a variant, dashes where they were not measured."""
    found = part.get('accuracy', {})
    return decimal(found.get('acc_50'), 3), decimal(found.get('mean_iou'), 3)


def ratio(value: float | None) -> str:
    """Return how many times something is something else."""
    return '-' if value is None else f'{value:.2f}x'


def underlined(title: str) -> str:
    """Return a heading."""
    return f'{title}\n{"=" * len(title)}'
