# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``core.grounder`` and ``core.tasks.table`` over a scripted backend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
import logging
from types import SimpleNamespace

import numpy as np
import pytest

from kosmos_ros.backends.scripted import located, ScriptedBackend, ScriptedFrame
from kosmos_ros.core.errors import (
    GroundingStoppedError,
    InvalidImageError,
    InvalidRegionError,
    InvalidRequestError,
    ModelError,
)
from kosmos_ros.core.grounder import Grounder, GrounderSettings
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.images.views import ArrayPicture, FrameKey, View
from kosmos_ros.core.looks import budget
from kosmos_ros.core.model.backend import GeneratedToken, Located
from kosmos_ros.core.model.calibration import Calibration, Scaling
from kosmos_ros.core.model.cells import box_from_cells
from kosmos_ros.core.model.grammar import Cell
from kosmos_ros.core.model.prompts import identify_prompt
from kosmos_ros.core.model.streaming import Progress
from kosmos_ros.core.tasks import ask_model
from kosmos_ros.core.types import Box, Grounding, GroundingRequest, Region, ScoredBox, Status, Task

IMAGE = np.zeros((480, 640, 3), np.uint8)
CUBE, MUG = Box(0.1, 0.1, 0.3, 0.3), Box(0.5, 0.5, 0.75, 1.0)
WHOLE = box_from_cells(Cell(0), Cell(1023))
CAPTION = (
    '<phrase> a snowman</phrase><object><patch_index_0044><patch_index_0863></object> warming up '
    'by<phrase> a fire</phrase><object><patch_index_0006><patch_index_0879></object>'
)


def ground(
    backend: ScriptedBackend,
    query: str = '',
    task: Task = Task.AUTO,
    region: Region | None = None,
    settings: GrounderSettings | None = None,
    **limits: float,
) -> Grounding:
    """Ask about a black image."""
    request = GroundingRequest(query, task, region, **limits)  # type: ignore[arg-type]
    return Grounder(backend, settings or GrounderSettings()).ground(IMAGE, request)


class TestLocate:
    def test_phrases_get_boxes_text_and_spans(self) -> None:
        backend = ScriptedBackend(
            {'the cube': located('the cube', CUBE), 'a mug': located('a mug', MUG, score=0.7)}
        )
        answer = ground(backend, ' the  cube ;a mug;the cube')
        assert (answer.task, answer.status) == (Task.LOCATE, Status.FOUND)
        assert answer.text == 'the cube; a mug; the cube'
        assert [(phrase.text, phrase.existence) for phrase in answer.phrases] == [
            ('the cube', 0.95), ('a mug', 0.95), ('the cube', 0.95),
        ]  # fmt: skip
        assert answer.detections == (
            ScoredBox(CUBE, 0.9, 'the cube', '0-0'),
            ScoredBox(MUG, 0.7, 'a mug', '1-0'),
            ScoredBox(CUBE, 0.9, 'the cube', '2-0'),
        )
        assert answer.prompt == (
            '<grounding><phrase> the cube</phrase>\n<grounding><phrase> a mug</phrase>'
        )
        assert (answer.image_width, answer.image_height) == (640, 480)
        assert (answer.model, answer.query) == ('scripted', 'the  cube ;a mug;the cube')
        assert answer.inference_time > 0
        assert backend.calls.located == [('the cube', 'a mug')]

    def test_what_is_absent_is_not_found(self) -> None:
        unsure = Located(0.3, (ScoredBox(CUBE, 0.2),))
        answer = ground(ScriptedBackend({'a cat': unsure}), 'a cat')
        assert answer.status is Status.NOT_FOUND
        assert answer.status_message == "'a cat' not found (existence 0.30)"
        assert (answer.detections, answer.phrases[0].existence) == ((), 0.3)

    def test_the_threshold_of_existence_is_a_setting(self) -> None:
        unsure = Located(0.3, (ScoredBox(CUBE, 0.2),))
        settings = GrounderSettings(existence_threshold=0.3)
        answer = ground(ScriptedBackend({'a cat': unsure}), 'a cat', settings=settings)
        assert answer.status is Status.FOUND

    def test_without_a_calibration_a_phrase_needs_a_higher_existence(self) -> None:
        script = {'a cat': located('a cat', CUBE, existence=0.8)}
        raw = ScriptedBackend(script, calibration=Calibration())
        refused = ground(raw, 'a cat')
        assert refused.status is Status.NOT_FOUND
        told = 'existence 0.80, not calibrated, below 0.90'
        assert refused.status_message == f"'a cat' not found ({told})"
        settings = GrounderSettings(raw_existence_threshold=0.8)
        assert ground(raw, 'a cat', settings=settings).status is Status.FOUND
        assert ground(ScriptedBackend(script), 'a cat').status is Status.FOUND

    def test_a_present_and_an_absent_phrase(self) -> None:
        answer = ground(ScriptedBackend({'a': located('a', CUBE)}), 'a; the cat')
        assert answer.status is Status.FOUND
        assert answer.status_message == "'the cat' not found (existence 0.00)"
        assert [phrase.detections for phrase in answer.phrases] == [(0,), ()]

    def test_low_scores_are_told(self) -> None:
        backend = ScriptedBackend({'a': located('a', CUBE, MUG, score=0.25)})
        answer = ground(backend, 'a', min_score=0.5)
        assert answer.status is Status.LOW_SCORE
        assert answer.status_message == 'best score 0.25 of 2 boxes is below min_score 0.50'
        assert answer.detections == ()

    def test_a_region_is_cut_out_and_boxes_come_back(self) -> None:
        backend = ScriptedBackend({'a': located('a', Box(0.0, 0.5, 1.0, 1.0))})
        answer = ground(backend, 'a', region=Region(320, 120, 10_000, 240))
        assert backend.calls.encoded == [(240, 320, 3)]
        assert answer.detections[0].box == Box(0.5, 0.5, 1.0, 0.75)

    def test_the_request_limits_the_boxes(self) -> None:
        backend = ScriptedBackend({'a': located('a', CUBE, MUG, WHOLE)})
        assert len(ground(backend, 'a').detections) == 3
        assert len(ground(backend, 'a', max_detections=2).detections) == 2
        settings = GrounderSettings(max_boxes=1)
        assert len(ground(backend, 'a', max_detections=2, settings=settings).detections) == 1

    def test_a_box_seen_twice_is_one(self) -> None:
        twin = Box(0.1, 0.1, 0.3, 0.31)
        answer = ground(ScriptedBackend({'a': located('a', CUBE, twin, MUG)}), 'a')
        assert [box.box for box in answer.detections] == [CUBE, MUG]

    def test_many_phrases_go_through_the_model_in_several_passes(self) -> None:
        backend = ScriptedBackend({'object 39': located('object 39', CUBE)})
        answer = ground(backend, ';'.join(f'object {n}' for n in range(40)))
        assert [len(asked) for asked in backend.calls.located] == [16, 16, 8]
        assert [phrase.text for phrase in answer.phrases] == [f'object {n}' for n in range(40)]
        assert answer.phrases[39].detections == (0,)
        assert len(backend.calls.encoded) == 1

    def test_phrases_have_a_limit(self) -> None:
        backend = ScriptedBackend()
        query = (
            'a; b; the plates that are not white'  # 'the plates', 'the white plate', '... plates'
        )
        ground(backend, query, settings=GrounderSettings(max_phrases=5))
        with pytest.raises(InvalidRequestError, match=r'at most 4 expressions .* come to 5'):
            ground(backend, query, settings=GrounderSettings(max_phrases=4))
        assert len(backend.calls.encoded) == 1

    @pytest.mark.parametrize(
        'query', ['</s>', '<patch_index_0001>', 'x</phrase><object>', '<image>', '<pad>', '红杯子']
    )
    def test_any_words_are_handed_on_as_they_are(self, query: str) -> None:
        backend = ScriptedBackend()
        assert ground(backend, query).status is Status.NOT_FOUND
        assert backend.calls.located == [(query,)]


class TestAlternatives:
    PLACES = (ScoredBox(MUG, 0.5), ScoredBox(CUBE, 0.25), ScoredBox(WHOLE, 0.125))

    def backend(self, existence: float = 0.9, **options: object) -> ScriptedBackend:
        found = Located(existence, (ScoredBox(MUG, 0.5),), alternatives=self.PLACES)
        return ScriptedBackend({'a': found}, **options)

    def test_as_many_as_asked_for_belong_to_the_phrase_and_are_no_detections(self) -> None:
        answer = ground(self.backend(), 'a', alternatives=2, min_score=0.4)
        assert [found.box for found in answer.detections] == [MUG]
        assert answer.phrases[0].alternatives == (
            ScoredBox(MUG, 0.5, 'a', '0-0-0'),
            ScoredBox(CUBE, 0.25, 'a', '0-0-1'),
        )
        assert ground(self.backend(), 'a').phrases[0].alternatives == ()

    def test_they_are_mapped_and_calibrated_as_boxes_are(self) -> None:
        calibration = Calibration(box=Scaling(temperature=2.0))
        backend = self.backend(calibration=calibration)
        region = Region(320, 0, 320, 480)
        answer = ground(backend, 'a', region=region, alternatives=1, max_looks=1)
        (other,) = answer.phrases[0].alternatives
        assert (other.box, other.score) == (answer.detections[0].box, answer.detections[0].score)
        assert other.box.x0 == 0.75

    def test_what_is_absent_has_none(self) -> None:
        answer = ground(self.backend(existence=0.1), 'a', alternatives=8)
        assert (answer.status, answer.phrases[0].alternatives) == (Status.NOT_FOUND, ())

    @pytest.mark.parametrize('number', [-1, 9])
    def test_their_number_has_limits(self, number: int) -> None:
        with pytest.raises(InvalidRequestError, match=f'within 0..8, got {number}'):
            GroundingRequest('a', alternatives=number)

    @pytest.mark.parametrize('query', ['', 'what is this?'])
    def test_other_tasks_have_none_to_give(self, query: str) -> None:
        backend = self.backend()
        with pytest.raises(InvalidRequestError, match='alternatives are for LOCATE, got 2'):
            ground(backend, query, alternatives=2)
        assert backend.calls.encoded == []


class TestSeveralViews:
    SMALL = np.full((100, 200, 3), 7, np.uint8)

    def views(self, *keys: FrameKey | None) -> list[View]:
        return [
            View(ArrayPicture(image), key)
            for image, key in zip((IMAGE, self.SMALL), keys or (None, None), strict=True)
        ]

    def test_all_phrases_in_all_views_go_through_the_model_once(self) -> None:
        backend = ScriptedBackend({'a': located('a', CUBE), 'b': located('b', MUG)})
        answers = Grounder(backend).ground_views(self.views(), GroundingRequest('a; b'))
        assert backend.calls.encoded == [(480, 640, 3), (100, 200, 3)]
        assert backend.calls.located == [('a', 'b', 'a', 'b')]
        sizes = [(answer.image_width, answer.image_height) for answer in answers]
        assert sizes == [(640, 480), (200, 100)]
        for answer in answers:
            assert answer.status is Status.FOUND
            assert [found.box for found in answer.detections] == [CUBE, MUG]

    @pytest.mark.parametrize(('until', 'looks'), [(3.5, 1), (4.5, 2)])
    def test_a_look_at_one_waits_for_those_at_others(
        self, monkeypatch: pytest.MonkeyPatch, until: float, looks: int
    ) -> None:
        backend = ScriptedBackend({'a': located('a', Box(0.5, 0.5, 0.52, 0.52))})
        encode, clock = backend.encode, SimpleNamespace(now=0.0)
        clock.monotonic = lambda: clock.now

        def slowly(images: Sequence[RgbImage]) -> tuple[ScriptedFrame, ...]:
            clock.now += len(images)
            return encode(images)

        backend.encode = slowly
        for module in (ask_model, budget):
            monkeypatch.setattr(module, 'time', clock)
        far = [View(ArrayPicture(np.zeros((720, 1280, 3), np.uint8))) for _ in range(2)]
        answers = Grounder(backend).ground_views(far, GroundingRequest('a'), until=until)
        assert [len(one.looks) for one in answers] == [looks] * 2
        assert clock.now <= until

    def test_each_view_has_an_answer_of_its_own(self) -> None:
        backend = ScriptedBackend()
        looks = iter([located('a', CUBE), Located(0.125, ())])
        backend.locate = lambda queries, *_: tuple(next(looks) for _ in queries)
        first, second = Grounder(backend).ground_views(self.views(), GroundingRequest('a'))
        assert (first.status, first.status_message) == (Status.FOUND, '')
        assert second.status is Status.NOT_FOUND
        assert second.status_message == "'a' not found (existence 0.12)"

    def test_the_frames_of_each_view_reach_its_queries(self) -> None:
        backend = ScriptedBackend()
        asked = []
        backend.locate = lambda queries, *_: tuple(
            asked.append((query.frame.image.shape, query.phrase)) or Located(0.0, ())
            for query in queries
        )
        Grounder(backend).ground_views(self.views(), GroundingRequest('a; b'))
        assert asked == [
            ((480, 640, 3), 'a'), ((480, 640, 3), 'b'), ((100, 200, 3), 'a'), ((100, 200, 3), 'b'),
        ]  # fmt: skip

    def test_only_new_images_are_encoded(self) -> None:
        backend = ScriptedBackend({'a': located('a', CUBE)})
        grounder, keys = Grounder(backend), (FrameKey('front', 1, 1), FrameKey('wrist', 1, 2))
        grounder.ground_views(self.views(*keys), GroundingRequest('a'))
        later = self.views(keys[0], FrameKey('wrist', 1, 3))
        grounder.ground_views(later, GroundingRequest('a'))
        assert backend.calls.encoded == [(480, 640, 3), (100, 200, 3), (100, 200, 3)]
        assert len(backend.calls.located) == 2

    def test_words_are_written_one_after_the_other(self) -> None:
        backend = ScriptedBackend(generated={'<grounding> An image of': CAPTION})
        answers = Grounder(backend).ground_views(self.views(), GroundingRequest())
        assert [answer.text for answer in answers] == [
            'An image of a snowman warming up by a fire'
        ] * 2
        assert len(backend.calls.generated) == 2

    def test_a_view_that_cannot_be_asked_leaves_the_others(self) -> None:
        class Damaged(ArrayPicture):
            @property
            def width(self) -> int:
                raise InvalidImageError('damaged image')

        backend = ScriptedBackend({'a': located('a', CUBE)})
        views = [*self.views(), View(Damaged(IMAGE))]
        request = GroundingRequest('a', region=Region(400, 300, 9, 9))
        answers = Grounder(backend).ground_views(views, request)
        assert [answer.status for answer in answers] == [
            Status.FOUND, Status.INVALID_REQUEST, Status.INVALID_REQUEST,
        ]  # fmt: skip
        assert 'outside the image of 200x100' in answers[1].status_message
        assert answers[2].status_message == 'damaged image'
        assert backend.calls.encoded == [(9, 9, 3)]
        none = Grounder(backend).ground_views(views[1:], request)
        assert {answer.status for answer in none} == {Status.INVALID_REQUEST}
        assert len(backend.calls.located) == 1

    def test_what_no_view_can_answer_is_refused_and_a_stop_obeyed(self) -> None:
        backend = ScriptedBackend()
        with pytest.raises(InvalidRequestError):
            Grounder(backend).ground_views(self.views(), GroundingRequest('x', Task.DESCRIBE))
        with pytest.raises(GroundingStoppedError):
            Grounder(backend).ground_views(self.views(), GroundingRequest('a'), lambda: True)
        assert backend.calls.encoded == []
        assert Grounder(backend).ground_views([], GroundingRequest('a')) == ()


class TestDescribe:
    def test_the_brief_caption_includes_its_beginning(self) -> None:
        answer = ground(ScriptedBackend(generated={'<grounding> An image of': CAPTION}))
        assert (answer.task, answer.status) == (Task.DESCRIBE, Status.FOUND)
        assert answer.text == 'An image of a snowman warming up by a fire'
        spans = [(phrase.text, phrase.start, phrase.end) for phrase in answer.phrases]
        assert spans == [('a snowman', 12, 21), ('a fire', 36, 42)]
        assert answer.detections[0].box == box_from_cells(Cell(44), Cell(863))
        assert answer.detections[0].score == pytest.approx(0.9**3)
        assert answer.detections[0].label == 'a snowman'
        assert answer.phrases[0].existence == answer.detections[0].score

    def test_its_boxes_have_a_scaling_of_their_own(self) -> None:
        calibration = Calibration(box=Scaling(5.0), existence=Scaling(5.0), written=Scaling(0.5))
        backend = ScriptedBackend(
            generated={'<grounding> An image of': CAPTION}, calibration=calibration
        )
        answer = ground(backend)
        assert answer.detections[0].score == pytest.approx(Scaling(0.5)(0.9**3))
        assert answer.phrases[0].existence == answer.detections[0].score

    def test_the_detailed_caption_stands_alone(self) -> None:
        prompt = '<grounding> Describe this image in detail:'
        answer = ground(ScriptedBackend(generated={prompt: f' There is{CAPTION}.'}), 'detailed')
        assert answer.text == 'There is a snowman warming up by a fire.'
        assert answer.phrases[0].start == 9

    def test_a_region_is_cut_out(self) -> None:
        scene = '<phrase> all</phrase><object><patch_index_0000><patch_index_1023></object>'
        backend = ScriptedBackend(generated={'<grounding> An image of': scene})
        answer = ground(backend, task=Task.DESCRIBE, region=Region(0, 0, 320, 240))
        assert backend.calls.encoded == [(240, 320, 3)]
        assert answer.detections[0].box.x1 == WHOLE.x1 / 2

    def test_nothing_written_is_not_found(self) -> None:
        answer = ground(ScriptedBackend())
        assert (answer.status, answer.text) == (Status.NOT_FOUND, 'An image of')
        assert answer.status_message == 'the model gave no answer'

    def test_what_is_malformed_is_counted(self, caplog: pytest.LogCaptureFixture) -> None:
        broken = '<phrase> a</phrase><object><patch_index_0001></object>'
        backend = ScriptedBackend(generated={'<grounding> An image of': broken})
        with caplog.at_level(logging.WARNING):
            answer = ground(backend)
        assert (answer.dropped, answer.status) == (1, Status.FOUND)
        assert '1 malformed' in caplog.text

    def test_a_cut_answer_is_told(self) -> None:
        backend = ScriptedBackend(generated={'<grounding> An image of': ' a b c d'})
        answer = ground(backend, settings=GrounderSettings(max_new_tokens=2))
        assert answer.text == 'An image of a b'
        assert answer.status_message == 'the answer was cut off after 2 tokens'


class TestIdentify:
    REGION = Region(200, 15, 100, 100)
    PROMPT = (
        '<grounding><phrase> It</phrase><object><patch_index_0042><patch_index_0238></object> is'
    )

    def test_the_expression_names_the_region(self) -> None:
        backend = ScriptedBackend(generated={self.PROMPT: ' a red cube.'}, probability=0.5)
        answer = ground(backend, region=self.REGION)
        assert (answer.task, answer.status) == (Task.IDENTIFY, Status.FOUND)
        assert answer.text == 'a red cube'
        assert (answer.phrases[0].start, answer.phrases[0].end) == (0, 10)
        box = Box(200 / 640, 15 / 480, 300 / 640, 115 / 480)
        assert answer.detections == (ScoredBox(box, 0.125, 'a red cube', '0-0'),)
        assert backend.calls.encoded == [(480, 640, 3)]

    def test_an_unlikely_expression_is_a_low_score(self) -> None:
        backend = ScriptedBackend(generated={self.PROMPT: ' a red cube.'}, probability=0.5)
        answer = ground(backend, region=self.REGION, min_score=0.2)
        assert (answer.status, answer.text) == (Status.LOW_SCORE, 'a red cube')
        assert answer.detections == ()

    def test_no_expression_is_not_found(self) -> None:
        answer = ground(ScriptedBackend(generated={self.PROMPT: ' .'}), region=self.REGION)
        assert (answer.status, answer.detections) == (Status.NOT_FOUND, ())


class TestAsk:
    def test_the_text_is_the_answer_alone(self) -> None:
        cells = '<object><patch_index_0044><patch_index_0863></object>'
        prompt = '<grounding> Question: Where is the mug? Answer:'
        answer = ground(
            ScriptedBackend(generated={prompt: f'<phrase> the mug</phrase>{cells}.'}),
            'Where is the mug?',
        )
        assert (answer.task, answer.text) == (Task.ASK, 'the mug.')
        assert (answer.phrases[0].start, answer.phrases[0].end) == (0, 7)
        assert len(answer.detections) == 1

    def test_a_word_that_points_shows_the_whole_image(self) -> None:
        cells = '<object><patch_index_0000><patch_index_0495></object>'
        prompt = f'<grounding> Question: What is<phrase> this character</phrase>{cells}? Answer:'
        backend = ScriptedBackend(generated={prompt: ' Pikachu in the anime.'})
        answer = ground(backend, 'What is this character?', region=Region(0, 0, 320, 240))
        assert answer.text == 'Pikachu in the anime.'
        assert (answer.phrases, answer.detections) == ((), ())
        assert answer.prompt == prompt
        assert backend.calls.encoded == [(480, 640, 3)]

    def test_other_questions_see_the_region_alone(self) -> None:
        prompt = '<grounding> Question: How many cubes are there? Answer:'
        backend = ScriptedBackend(generated={prompt: ' two'})
        answer = ground(backend, 'How many cubes are there?', region=Region(0, 0, 320, 240))
        assert (answer.text, answer.status) == ('two', Status.FOUND)
        assert backend.calls.encoded == [(240, 320, 3)]

    def test_no_answer_is_not_found(self) -> None:
        assert ground(ScriptedBackend(), 'why?').status is Status.NOT_FOUND


class TestRaw:
    def test_the_text_is_prompt_and_answer(self) -> None:
        backend = ScriptedBackend(generated={'<grounding> An image of': CAPTION})
        answer = ground(backend, '<grounding> An image of', Task.RAW)
        assert answer.text == 'An image of a snowman warming up by a fire'

    def test_boxes_of_the_prompt_are_no_detections(self) -> None:
        cells = '<object><patch_index_0044><patch_index_0863></object>'
        prompt = f'<grounding><phrase> It</phrase>{cells} is'
        answer = ground(ScriptedBackend(generated={prompt: ' a snowman'}), prompt, Task.RAW)
        assert (answer.text, answer.detections) == ('It is a snowman', ())
        assert answer.phrases[0].text == 'It'

    def test_a_box_alone_is_an_answer(self) -> None:
        prompt = '<grounding><phrase> the mug</phrase>'
        cells = '<object><patch_index_0044><patch_index_0863></object>'
        answer = ground(ScriptedBackend(generated={prompt: cells}), prompt, Task.RAW)
        assert (answer.status, len(answer.detections)) == (Status.FOUND, 1)
        assert ground(ScriptedBackend(), prompt, Task.RAW).status is Status.NOT_FOUND


@pytest.mark.parametrize('shape', [(1, 1, 3), (1, 4000, 3), (4000, 1, 3)])
@pytest.mark.parametrize('region', [None, Region(0, 0, 1, 1)])
def test_images_of_any_shape_are_answered(
    shape: tuple[int, int, int], region: Region | None
) -> None:
    backend = ScriptedBackend({'a': located('a', CUBE)}, {'<grounding> An image of': CAPTION})
    grounder = Grounder(backend)
    for request in (
        GroundingRequest('a', region=region),
        GroundingRequest('', Task.DESCRIBE, region),
        GroundingRequest('', Task.IDENTIFY, Region(0, 0, 1, 1)),
        GroundingRequest('what is this?', region=region),
    ):
        answer = grounder.ground(np.zeros(shape, np.uint8), request)
        assert (answer.image_height, answer.image_width) == shape[:2]


@pytest.mark.parametrize(
    ('image', 'request_', 'error'),
    [
        (np.zeros((0, 0, 3), np.uint8), GroundingRequest('a'), InvalidImageError),
        (np.zeros((4, 4), np.uint8), GroundingRequest('a'), InvalidImageError),
        (IMAGE, GroundingRequest('a', region=Region(640, 0, 1, 1)), InvalidRegionError),
        (IMAGE, GroundingRequest('a\x00'), InvalidRequestError),
        (IMAGE, GroundingRequest('a' * 1_000_000), InvalidRequestError),
        (IMAGE, GroundingRequest('put it there', Task.INSTRUCT), InvalidRequestError),
    ],
)
def test_what_cannot_be_answered_never_reaches_the_model(
    image: np.ndarray, request_: GroundingRequest, error: type[Exception]
) -> None:
    backend = ScriptedBackend()
    with pytest.raises(error):
        Grounder(backend).ground(image, request_)
    assert backend.calls.encoded == []


def test_a_stop_is_obeyed_before_and_between_steps() -> None:
    backend = ScriptedBackend(generated={'<grounding> An image of': CAPTION})
    with pytest.raises(GroundingStoppedError):
        Grounder(backend).ground(IMAGE, GroundingRequest(), should_stop=lambda: True)
    assert backend.calls.encoded == []
    seen: list[GeneratedToken] = []
    with pytest.raises(GroundingStoppedError):
        Grounder(backend).ground(
            IMAGE, GroundingRequest(), should_stop=lambda: len(seen) == 3, on_token=seen.append
        )
    assert len(seen) == 3


def test_a_failing_model_is_reported_and_works_again() -> None:
    backend = ScriptedBackend({'a': located('a', CUBE)}, errors=[ModelError('out of memory')])
    with pytest.raises(ModelError, match='out of memory'):
        ground(backend, 'a')
    assert ground(backend, 'a').status is Status.FOUND


class TestRotation:
    """The model sees the image upright; callers see it as it came."""

    @pytest.mark.parametrize(
        ('rotation', 'shape', 'box'),
        [
            (0, (480, 640, 3), Box(0.125, 0.25, 0.25, 0.5)),
            (90, (640, 480, 3), Box(0.25, 0.75, 0.5, 0.875)),
            (180, (480, 640, 3), Box(0.75, 0.5, 0.875, 0.75)),
            (270, (640, 480, 3), Box(0.5, 0.125, 0.75, 0.25)),
        ],
    )
    def test_boxes_come_back_to_the_image(
        self, rotation: int, shape: tuple[int, ...], box: Box
    ) -> None:
        other = ScoredBox(Box(0.125, 0.25, 0.25, 0.5), 0.4)
        found = Located(0.9, (replace(other, score=0.8),), alternatives=(other,))
        backend = ScriptedBackend({'a': found})
        request = GroundingRequest('a', alternatives=1)
        answer = Grounder(backend).ground(IMAGE, request, rotation=rotation)
        assert backend.calls.encoded == [shape]
        assert (answer.image_width, answer.image_height) == (640, 480)
        assert answer.detections == (ScoredBox(box, 0.8, 'a', '0-0'),)
        assert answer.phrases[0].alternatives == (ScoredBox(box, 0.4, 'a', '0-0-0'),)

    def test_sides_are_those_of_the_upright_image(self) -> None:
        left, right = Box(0.125, 0.5, 0.25, 0.75), Box(0.625, 0.5, 0.75, 0.75)
        bowl = Box(0.375, 0.5, 0.5, 0.75)
        script = {
            'the mug': located('the mug', left, right),
            'the bowl': located('the bowl', bowl),
            'the mug left of the bowl': located('the mug left of the bowl', right),
        }
        for rotation, box in ((0, left), (180, Box(0.75, 0.25, 0.875, 0.5))):
            for query in ('the mug left of the bowl', 'pick up the mug left of the bowl'):
                request = GroundingRequest(query)
                answer = Grounder(ScriptedBackend(script)).ground(
                    IMAGE, request, rotation=rotation
                )
                assert answer.detections[0].box == box

    def test_the_region_of_a_request_is_where_it_was(self) -> None:
        backend = ScriptedBackend({'a': located('a', Box(0.0, 0.0, 0.5, 1.0))})
        request = GroundingRequest('a', region=Region(320, 120, 10_000, 240))
        answer = Grounder(backend).ground(IMAGE, request, rotation=180)
        assert backend.calls.encoded == [(240, 320, 3)]
        # The left half of what the model saw is the right half of the region.
        assert answer.detections[0].box == Box(0.75, 0.25, 1.0, 0.75)

    def test_what_is_named_is_the_region(self) -> None:
        backend = ScriptedBackend(generated=lambda _: 'a red cube.')
        request = GroundingRequest(region=Region(320, 0, 160, 240))
        answer = Grounder(backend).ground(IMAGE, request, rotation=90)
        assert answer.task is Task.IDENTIFY
        assert answer.detections[0].box == Box(0.5, 0.0, 0.75, 0.5)
        assert answer.prompt == str(identify_prompt(Box(0.5, 0.5, 1.0, 0.75)))
        assert backend.calls.encoded == [(640, 480, 3)]

    def test_progress_has_boxes_of_the_image_too(self) -> None:
        backend = ScriptedBackend(generated=lambda _: CAPTION)
        told: list[Progress] = []
        grounder = Grounder(backend)
        answer = grounder.ground(IMAGE, GroundingRequest(), on_progress=told.append, rotation=180)
        upright = grounder.ground(IMAGE, GroundingRequest())
        assert told[-1].detections == answer.detections
        for one, other in zip(answer.detections, upright.detections, strict=True):
            assert (one.box.x0, one.box.y0) == pytest.approx((1 - other.box.x1, 1 - other.box.y1))

    def test_views_are_turned_one_by_one_and_kept_apart(self) -> None:
        backend = ScriptedBackend({'a': located('a', Box(0.0, 0.0, 0.25, 0.5))})
        grounder = Grounder(backend)
        key = FrameKey('front', 1, 1)
        views = [View(ArrayPicture(IMAGE), key, rotation) for rotation in (0, 180, 90, 180)]
        answers = grounder.ground_views(views, GroundingRequest('a'))
        assert [one.detections[0].box for one in answers] == [
            Box(0.0, 0.0, 0.25, 0.5),
            Box(0.75, 0.5, 1.0, 1.0),
            Box(0.0, 0.75, 0.5, 1.0),
            Box(0.75, 0.5, 1.0, 1.0),
        ]
        assert grounder.frames.encoded == 3
        grounder.ground(IMAGE, GroundingRequest('a'), source=key, rotation=90)
        assert grounder.frames.encoded == 3

    def test_other_angles_are_refused(self) -> None:
        with pytest.raises(InvalidRequestError, match='0, 90, 180, 270 degrees, got 30'):
            Grounder(ScriptedBackend()).ground(IMAGE, GroundingRequest('a'), rotation=30)


@pytest.mark.parametrize(
    ('fitted', 'calibrated'),
    [
        ((), set()),
        (('existence',), set()),
        (('existence', 'box'), {Task.LOCATE, Task.INSTRUCT}),
        (('written',), {Task.DESCRIBE, Task.ASK, Task.RAW}),
        (('words',), {Task.IDENTIFY}),
    ],
)
def test_an_answer_says_whether_its_own_scores_are_calibrated(
    fitted: tuple[str, ...], calibrated: set[Task]
) -> None:
    backend = ScriptedBackend(calibration=Calibration(fitted=fitted))
    asked = {
        Task.LOCATE: 'a cat',
        Task.DESCRIBE: '',
        Task.IDENTIFY: '',
        Task.ASK: 'what is it?',
        Task.INSTRUCT: 'take the cup',
        Task.RAW: '<grounding> An image of',
    }
    region = Region(0, 0, 50, 50)
    said = {task: ground(backend, query, task, region) for task, query in asked.items()}
    assert {task for task, answer in said.items() if answer.calibrated} == calibrated
