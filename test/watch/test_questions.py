# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Questions that wait are given up in the end, and with the page that asked them."""

from __future__ import annotations

from kosmos_ros.core.types import Task
from kosmos_ros.watch.protocol import PageQuestion
from kosmos_ros.watch.questions import Questions, TIMEOUT

ASK = PageQuestion(1, Task.LOCATE, 'the mug', '', None, 0.25)


class FakePage:
    """Stands for a page."""

    def __init__(self) -> None:
        self.questions: set[str] = set()


def test_an_overdue_question_is_given_up() -> None:
    now = [0.0]
    questions, page = Questions(clock=lambda: now[0]), FakePage()
    key, request = questions.add(page, ASK)
    assert (request.id, request.query, request.min_score) == (key, 'the mug', 0.25)
    assert questions.close_overdue() == []
    now[0] = TIMEOUT + 60.0
    assert [one.ask for one in questions.close_overdue()] == [ASK]
    assert page.questions == set()
    assert questions.get(key) is None
    assert questions.asked(key) is ASK


def test_questions_of_a_page_that_is_gone_are_forgotten() -> None:
    questions, page, other = Questions(), FakePage(), FakePage()
    gone, _ = questions.add(page, ASK)
    kept, _ = questions.add(other, ASK)
    questions.close_of(page)
    assert questions.get(gone) is None
    assert questions.close(gone) is None
    assert [one.client for one in questions.close_all()] == [other]
    assert questions.get(kept) is None
