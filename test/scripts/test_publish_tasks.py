# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The pages say of tasks what their table says."""

from __future__ import annotations

from pathlib import Path

import pytest

from kosmos_ros.core.types import Task
from scripts.publish_tasks import BEGIN, END, PAGES, publish, ROOT, table, written


@pytest.mark.parametrize('page', PAGES)
def test_what_is_in_the_repository_is_the_newest(page: Path) -> None:
    text = (ROOT / page).read_text(encoding='utf-8')
    assert written(text) == text, 'run scripts/in_env.sh python -m scripts.publish_tasks'


def test_there_is_a_row_for_every_task_but_auto() -> None:
    head, line, *rows = table().splitlines()
    assert [row.split('`')[1] for row in rows] == [
        one.name for one in Task if one is not Task.AUTO
    ]
    assert {one.count('|') for one in (head, line, *rows)} == {6}
    assert '| empty, `brief` or `detailed` |' in rows[1]
    assert rows[1].endswith('| neither query nor region, `brief`, `detailed` |')
    assert rows[-1].endswith('| nothing |')


def test_only_what_stands_between_the_marks_is_written(tmp_path: Path) -> None:
    for page in PAGES:
        (tmp_path / page).parent.mkdir(exist_ok=True)
        (tmp_path / page).write_text(f'one\n{BEGIN}\nold\n{END}\ntwo\n')
    publish(tmp_path)
    for page in PAGES:
        assert (tmp_path / page).read_text() == f'one\n{BEGIN}\n{table()}\n{END}\ntwo\n'
    with pytest.raises(ValueError, match='end of tasks'):
        written(f'{BEGIN} no end')
