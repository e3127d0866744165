# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Write the pages' table of tasks: ``python -m scripts.publish_tasks``.

It is between ``BEGIN`` and ``END`` in README and docs/interfaces.md.
"""

from __future__ import annotations

from pathlib import Path
import re

from kosmos_ros.core.tasks.table import TABLE, TaskRow
from kosmos_ros.core.types import Task

ROOT = Path(__file__).resolve().parents[1]
PAGES = (Path('README.md'), Path('docs', 'interfaces.md'))
BEGIN, END = '<!-- tasks -->', '<!-- end of tasks -->'

_HEAD = ('task', 'query', 'region', 'answer', '`AUTO` takes for it')


def table() -> str:
    """Return a row for each task, as Markdown."""
    rows = [_HEAD, ('---',) * len(_HEAD), *(_cells(task, row) for task, row in TABLE.items())]
    return '\n'.join(f'| {" | ".join(cells)} |' for cells in rows).replace('| --- ', '|---')


def written(text: str) -> str:
    """
    Return a page with its new table.

    :raises ValueError: if there is no place for it.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f'expected {BEGIN} and {END} in the page')
    return f'{before}{BEGIN}\n{table()}\n{END}{after}'


def publish(root: Path = ROOT) -> None:
    """Write the table into the pages."""
    for page in PAGES:
        text = (root / page).read_text(encoding='utf-8')
        (root / page).write_text(written(text), encoding='utf-8')


def _cells(task: Task, row: TaskRow) -> tuple[str, ...]:
    told = sorted(wording.value for wording in row.chosen_for)
    chosen = ', '.join([*told, *(f'`{word}`' for word in row.keywords)]) or 'nothing'
    query = re.sub(r"'(\w+)'", r'`\1`', row.query)
    return (f'`{task.name}`', query, row.region, row.answer, chosen)


if __name__ == '__main__':
    publish()
