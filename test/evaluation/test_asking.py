# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Tests of ``records`` in ``kosmos_ros.evaluation.runner``.

Spans ``evaluation.runner``.
"""

from __future__ import annotations

import numpy as np

from kosmos_ros.backends.scripted import located, ScriptedBackend
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.types import Box, Grounding, GroundingRequest, Task
from kosmos_ros.evaluation.protocols import OwnProtocol
from kosmos_ros.evaluation.questions.cases import Case, Kind, NamedBox
from kosmos_ros.evaluation.questions.items import OpenedSample, Sample, TraitedCase
from kosmos_ros.evaluation.runner import complete_items, records
from kosmos_ros.evaluation.scoring.metrics import score

BOX = Box(0.25, 0.25, 0.75, 0.75)


class Photos:
    """Three images with two questions each, and a note of which were opened."""

    def __init__(self) -> None:
        self.opened: list[str] = []

    def items(self) -> list[Sample]:
        return [Sample(f'set/{n}', 'odd' if n % 2 else 'even', self._opener(n)) for n in range(3)]

    def _opener(self, number: int) -> object:
        def open_it() -> OpenedSample:
            self.opened.append(str(number))
            image = np.full((4, 4, 3), number, np.uint8)
            found = Case(
                Kind.EXPRESSION,
                GroundingRequest(f'thing {number}', Task.LOCATE),
                (NamedBox('thing', BOX),),
            )
            absent = Case(Kind.ABSENT, GroundingRequest('nothing', Task.LOCATE))
            return OpenedSample(
                image, (TraitedCase(found, {'shape': 'thing'}), TraitedCase(absent))
            )

        return open_it


def asker() -> OwnProtocol:
    script = {f'thing {n}': located(f'thing {n}', BOX) for n in (0, 2)}
    return OwnProtocol(Grounder(ScriptedBackend(located=script)))


def test_every_question_becomes_a_record() -> None:
    found = list(records(asker(), Photos().items()))
    assert [record.key for record in found] == [
        'set/0#1/2',
        'set/0#2/2',
        'set/1#1/2',
        'set/1#2/2',
        'set/2#1/2',
        'set/2#2/2',
    ]
    assert [record.image for record in found][::2] == ['set/0', 'set/1', 'set/2']
    assert found[0].traits == {'group': 'even', 'shape': 'thing'}
    hits = [score(one.case, one.answer).get('Acc@0.5') for one in found[::2]]
    assert hits == [(1.0, 1), (0.0, 1), (1.0, 1)]
    assert all(score(one.case, one.answer)['refused'] == (1.0, 1) for one in found[1::2])


def test_what_is_done_is_not_asked_again() -> None:
    whole = [record.key for record in records(asker(), Photos().items())]
    photos = Photos()
    rest = [record.key for record in records(asker(), photos.items(), done=set(whole[:3]))]
    assert rest == whole[3:]
    assert photos.opened == ['1', '2']
    assert list(records(asker(), photos.items(), done=set(whole))) == []
    assert photos.opened == ['1', '2']


def test_items_are_complete_once_all_their_questions_are_answered() -> None:
    assert complete_items({'a/1#1/2', 'a/1#2/2', 'a/2#2/3', 'b#1/1'}) == {'a/1', 'b'}


def test_kinds_can_be_chosen() -> None:
    found = list(records(asker(), Photos().items(), kinds={Kind.ABSENT}))
    assert [record.key for record in found] == ['set/0#1/1', 'set/1#1/1', 'set/2#1/1']


def test_studies_see_image_and_answer() -> None:
    def study(opened: OpenedSample, case: Case, answer: Grounding) -> dict[str, object]:
        return {'first pixel': int(opened.image[0, 0, 0]), 'boxes': len(answer.detections)}

    found = list(records(asker(), Photos().items(), study=study))
    assert found[4].studies == {'first pixel': 2, 'boxes': 1}
