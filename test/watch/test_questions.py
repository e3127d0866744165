# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Questions that wait are few, and given up in the end."""

from __future__ import annotations

import pytest

from kosmos_ros.core.types import Task
from kosmos_ros.watch.protocol import PageQuestion, ProtocolError
from kosmos_ros.watch.questions import MAX_PER_PAGE, MAX_WAITING, Questions, TIMEOUT

ASK = PageQuestion(1, Task.LOCATE, 'the mug', '', None, 0.25)


class FakePage:
    """Stands for a page."""


def test_an_overdue_question_is_given_up() -> None:
    now = [0.0]
    questions, page = Questions(clock=lambda: now[0]), FakePage()
    key, request = questions.add(page, ASK)
    assert (request.id, request.query, request.min_score) == (key, 'the mug', 0.25)
    assert questions.close_overdue() == []
    now[0] = TIMEOUT + 60.0
    assert [one.ask for one in questions.close_overdue()] == [ASK]
    assert questions.get(key) is None
    assert questions.asked(key) is ASK


def test_no_number_of_pages_asks_without_end() -> None:
    questions, pages = Questions(), [FakePage() for _ in range(MAX_WAITING)]
    keys = [questions.add(page, ASK)[0] for page in pages]
    with pytest.raises(ProtocolError, match='32 questions wait already'):
        questions.add(FakePage(), ASK)
    questions.close(keys[0])
    for _ in range(MAX_PER_PAGE - 1):
        questions.close(keys.pop())
    for _ in range(MAX_PER_PAGE):
        questions.add(pages[0], ASK)
    with pytest.raises(ProtocolError, match='4 questions of this page'):
        questions.add(pages[0], ASK)
    assert len(questions.close_all()) == MAX_WAITING
    assert questions.close_all() == []
