# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The backend against the stock ``generate`` on a tiny random checkpoint."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from kosmos_ros.backends.kosmos2.backend import (
    MAX_BATCH,
    TransformersBackend,
)
from kosmos_ros.backends.kosmos2.decoding.fixed_step import FixedStep
from kosmos_ros.backends.kosmos2.frames import TransformersFrame
from kosmos_ros.backends.kosmos2.head import OutputHead
from kosmos_ros.backends.kosmos2.loading import LoadedModel
from kosmos_ros.backends.kosmos2.probabilities import (
    among,
    box_from_distributions,
    lower_right_cells,
    Mask,
)
from kosmos_ros.backends.kosmos2.vocabulary import Kosmos2Vocabulary
from kosmos_ros.backends.kosmos2.writer import Place, Writer
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.core.errors import GroundingStoppedError
from kosmos_ros.core.grounder import Grounder, GrounderSettings, ignore, never
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.model.backend import GeneratedToken, Located, queries_about
from kosmos_ros.core.model.grammar import Cell, CELL_COUNT, Prompt, Tag
from kosmos_ros.core.model.prompts import describe_prompt, locate_prompt
from kosmos_ros.core.types import GroundingRequest, ScoredBox

PHRASES = ('the red cube', 'a mug on the left', 'It', 'the blue mug')
MANY = tuple(f'the red cube {index}' for index in range(MAX_BATCH - 2))

Allowed = Callable[[list[int]], list[int]]


@pytest.fixture
def frame(backend: TransformersBackend, image: RgbImage) -> TransformersFrame:
    """Return an encoded image."""
    return backend.encode([image])[0]


def stock_generate(
    loaded: LoadedModel, image: RgbImage, ids: list[int], allowed: Allowed, tokens: int
) -> tuple[list[int], np.ndarray]:
    """Continue with the library's greedy search; return tokens and all log-probabilities."""
    pixels = loaded.image_processor(image, return_tensors='pt')['pixel_values']
    mask = torch.zeros((1, len(ids)), dtype=torch.long)
    mask[:, 2 : 2 + loaded.vocabulary.image.count] = 1
    answer = loaded.model.generate(
        pixel_values=pixels,
        input_ids=torch.tensor([ids]),
        attention_mask=torch.ones((1, len(ids)), dtype=torch.long),
        image_embeds_position_mask=mask,
        max_new_tokens=tokens,
        do_sample=False,
        prefix_allowed_tokens_fn=lambda _, history: allowed(history.tolist()),
        output_logits=True,
        return_dict_in_generate=True,
    )
    logits = torch.stack(answer.logits)[:, 0].float()
    return answer.sequences[0, len(ids) :].tolist(), torch.log_softmax(logits, dim=-1).numpy()


def equal(first: Located, second: Located) -> bool:
    """Compare answers up to rounding."""
    same = first.existence == pytest.approx(second.existence, rel=1e-3)
    return (
        same
        and len(first.boxes) == len(second.boxes)
        and all(
            numbers(found) == pytest.approx(numbers(other), rel=1e-3)
            for found, other in zip(first.boxes, second.boxes, strict=True)
        )
    )


def numbers(found: ScoredBox) -> tuple[float, ...]:
    """Return score and corners."""
    return (found.score, found.box.x0, found.box.y0, found.box.x1, found.box.y1)


def corners_only(vocabulary: Kosmos2Vocabulary, start: int) -> Allowed:
    """Allow sound boxes only, one after the other, from the ``start``-th token on."""
    ids = vocabulary.ids

    def cells(mask: Mask) -> list[int]:
        return (np.flatnonzero(mask) + ids.first_cell).tolist()

    def allowed(history: list[int]) -> list[int]:
        place = (len(history) - start) % 3
        if place == 0:
            return cells(np.ones(CELL_COUNT, dtype=bool))
        if place == 1:
            return cells(lower_right_cells(Cell(history[-1] - ids.first_cell)))
        return [ids.tags[Tag.DELIMITER], ids.tags[Tag.OBJECT_END]]

    return allowed


def boxes_of(
    vocabulary: Kosmos2Vocabulary, tokens: list[int], logs: np.ndarray, opening: float
) -> list[tuple[float, ...]]:
    """Read scores and corners from what the library generated, up to the end or a repetition."""
    ids = vocabulary.ids
    seen: list[list[int]] = []
    boxes = []
    for index in range(0, len(tokens) - 1, 3):
        pair = tokens[index : index + 2]
        if pair in seen:
            break
        seen.append(pair)
        upper_left, lower_right = (Cell(token - ids.first_cell) for token in pair)
        cell_logs = logs[index : index + 2, ids.first_cell : ids.first_cell + CELL_COUNT]
        allowed = (np.ones(CELL_COUNT, dtype=bool), lower_right_cells(upper_left))
        first, second = map(among, cell_logs, allowed)
        box, mass = box_from_distributions(upper_left, first, lower_right, second)
        boxes.append((opening * mass, box.x0, box.y0, box.x1, box.y1))
        if ids.tags[Tag.OBJECT_END] in tokens[index + 2 : index + 3]:
            break
        if index + 2 < len(tokens):
            tags = [ids.tags[Tag.DELIMITER], ids.tags[Tag.OBJECT_END]]
            opening = float(np.exp(among(logs[index + 2, tags], np.ones(2, dtype=bool)))[0])
    return boxes


@pytest.mark.parametrize('phrase', PHRASES)
def test_locating_equals_constrained_generate(
    backend: TransformersBackend,
    loaded: LoadedModel,
    frame: TransformersFrame,
    image: RgbImage,
    phrase: str,
) -> None:
    vocabulary = loaded.vocabulary
    opener = vocabulary.ids.tags[Tag.OBJECT]
    prompt = [*vocabulary.encode_prompt(locate_prompt(phrase))]
    _, logs = stock_generate(loaded, image, prompt, lambda _: [opener], 1)
    existence = float(np.exp(logs[0, opener]))
    # Eight tokens are three boxes and what is between them.
    allowed = corners_only(vocabulary, len(prompt) + 1)
    tokens, logs = stock_generate(loaded, image, [*prompt, opener], allowed, 8)
    expected = boxes_of(vocabulary, tokens, logs, existence)

    found = backend.locate(queries_about(frame, [phrase]), 3, never)[0]

    assert found.existence == pytest.approx(existence, rel=1e-3)
    cells = np.exp(logs[0, vocabulary.ids.first_cell :])[:CELL_COUNT]
    assert found.location_mass == pytest.approx(float(cells.sum()), rel=1e-3)
    assert [numbers(box) for box in found.boxes] == [
        pytest.approx(box, rel=1e-3) for box in expected
    ]
    assert {box.label for box in found.boxes} == {phrase}
    pairs = [
        tuple(Cell(token - vocabulary.ids.first_cell) for token in tokens[start : start + 2])
        for start in (0, 3, 6)
    ]
    assert list(found.cells) == pairs[: len(found.boxes)]


def test_phrases_in_a_batch_equal_single_ones(
    backend: TransformersBackend, frame: TransformersFrame
) -> None:
    phrases = MANY + PHRASES
    assert len(phrases) > MAX_BATCH
    together = backend.locate(queries_about(frame, phrases), 2, never)
    alone = [backend.locate(queries_about(frame, [phrase]), 2, never)[0] for phrase in phrases]
    assert len({len(found.boxes) for found in alone}) > 1
    assert all(equal(*pair) for pair in zip(together, alone, strict=True))


def test_fewer_boxes_are_the_first_of_more(
    backend: TransformersBackend, frame: TransformersFrame
) -> None:
    more = backend.locate(queries_about(frame, PHRASES), 4, never)
    fewer = backend.locate(queries_about(frame, PHRASES), 1, never)
    assert all(len(found.boxes) == 1 for found in fewer)
    for few, many in zip(fewer, more, strict=True):
        assert equal(few, Located(many.existence, many.boxes[:1]))


def test_no_box_comes_twice(backend: TransformersBackend, frame: TransformersFrame) -> None:
    for found in backend.locate(queries_about(frame, PHRASES), 20, never):
        corners = [numbers(box)[1:] for box in found.boxes]
        assert len(set(corners)) == len(corners) >= 1


def test_a_frame_is_encoded_once_for_all_questions(
    backend: TransformersBackend, frame: TransformersFrame, image: RgbImage
) -> None:
    backend.generate(frame, describe_prompt(detailed=False), 5, never, ignore)
    first = backend.locate(queries_about(frame, PHRASES[:1]), 1, never)[0]
    again = backend.locate(queries_about(backend.encode([image])[0], PHRASES[:1]), 1, never)[0]
    assert equal(first, again)


@pytest.mark.parametrize(
    'prompt',
    [
        describe_prompt(detailed=False),
        describe_prompt(detailed=True),
        Prompt((' the red cube',)),
        Prompt((Tag.GROUNDING, Tag.PHRASE, ' the mug', Tag.PHRASE_END, Tag.OBJECT)),
        Prompt((Tag.GROUNDING, Tag.PHRASE, ' It', Tag.PHRASE_END, Tag.OBJECT, Cell(100))),
    ],
    ids=str,
)
def test_writing_equals_constrained_generate(
    backend: TransformersBackend,
    loaded: LoadedModel,
    frame: TransformersFrame,
    image: RgbImage,
    allowed_tokens: Callable[..., set[int]],
    prompt: Prompt,
) -> None:
    writer = Writer(OutputHead(loaded.model, loaded.vocabulary), loaded.vocabulary, 0)
    ids = [*loaded.vocabulary.encode_prompt(prompt)]
    tokens, logs = stock_generate(
        loaded,
        image,
        ids,
        lambda history: sorted(allowed_tokens(loaded.vocabulary, writer, history)),
        24,
    )
    heard: list[GeneratedToken] = []
    written = backend.generate(frame, prompt, 24, never, heard.append)
    assert heard == list(written.tokens)
    ends = written.finished and [loaded.vocabulary.ids.eos]
    assert [token.id for token in written.tokens] + (ends or []) == tokens
    history = ids
    for token, log in zip(written.tokens, logs, strict=False):
        in_text = writer.place(history) is Place.TEXT
        allowed = (
            [*range(len(log))]
            if in_text
            else sorted(allowed_tokens(loaded.vocabulary, writer, history))
        )
        sure = np.exp(log[token.id]) / np.exp(log[allowed]).sum()
        if token.corner is None:
            assert token.probability == pytest.approx(sure, abs=1e-5)
        else:
            assert sure - 1e-5 <= token.probability == token.corner.mass <= 1.0
        history = [*history, token.id]


@pytest.mark.parametrize('after', [0, 1, 3])
def test_writing_stops_within_one_token(
    backend: TransformersBackend, frame: TransformersFrame, after: int
) -> None:
    heard: list[GeneratedToken] = []
    with pytest.raises(GroundingStoppedError, match=f'after {after} tokens'):
        backend.generate(
            frame, describe_prompt(detailed=False), 99, lambda: len(heard) == after, heard.append
        )
    assert len(heard) == after


def test_locating_stops_between_steps(
    backend: TransformersBackend, frame: TransformersFrame
) -> None:
    asked = iter([False, False, True])
    with pytest.raises(GroundingStoppedError):
        backend.locate(queries_about(frame, PHRASES), 5, lambda: next(asked))


def test_frames_of_other_backends_are_refused(backend: TransformersBackend) -> None:
    with pytest.raises(TypeError, match='expected a frame of this backend, got str'):
        backend.locate(queries_about('a frame', PHRASES), 1, never)


@pytest.mark.parametrize('query', ['the red cube; the mug', '', 'What is it?'])
def test_a_grounder_works_with_it(
    backend: TransformersBackend, image: RgbImage, query: str
) -> None:
    grounder = Grounder(backend, GrounderSettings(max_new_tokens=8, max_boxes=2))
    grounding = grounder.ground(image, GroundingRequest(query))
    assert grounding.model == backend.model_name
    assert grounding.inference_time > 0.0


def written(runner: TransformersBackend, image: RgbImage) -> list[int]:
    """Return the tokens of a caption of a new frame."""
    (frame,) = runner.encode([image])
    generation = runner.generate(frame, describe_prompt(detailed=False), 12, never, ignore)
    return [token.id for token in generation.tokens]


def test_a_recorded_step_writes_the_same_without_guesses(
    loaded: LoadedModel, image: RgbImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step of fixed shape stands in for the recorded one, which only a GPU can replay."""
    fed: list[int] = []

    class Step(FixedStep):
        def feed(self, token: int, slot: int) -> torch.Tensor:
            fed.append(token)
            return super().feed(token, slot)

    monkeypatch.setattr('kosmos_ros.backends.kosmos2.backend.recorded_step', Step)
    runner = TransformersBackend(loaded)
    expected = written(runner, image)
    runner.warm_up()
    assert runner.single_steps_recorded
    fed.clear()
    assert written(runner, image) == expected
    assert fed == expected[: len(fed)]
    assert len(fed) >= len(expected) - 2
    runner.record_no_steps()
    fed.clear()
    assert written(runner, image) == expected
    assert not fed


@pytest.mark.parametrize(
    ('device', 'options'),
    [
        ('cpu', {'dtype': 'float32'}),
        *(
            pytest.param('cuda', options, marks=pytest.mark.cuda, id=f'cuda-{name}')
            for name, options in {
                'float32': {'dtype': 'float32'},
                'float16': {'dtype': 'float16'},
                '8bit': {'quantization': '8bit'},
                '4bit': {'quantization': '4bit'},
            }.items()
        ),
    ],
)
def test_a_device_answers_as_the_cpu_does(
    backend: TransformersBackend,
    tiny_folder: Path,
    image: RgbImage,
    device: str,
    options: dict[str, str],
) -> None:
    settings = ModelSettings(str(tiny_folder), device, no_repeat_ngram_size=0, **options)
    runner = TransformersBackend.load(settings)
    runner.warm_up()
    pairs = [
        one.locate(queries_about(one.encode([image])[0], PHRASES), 2, never)
        for one in (backend, runner)
    ]
    assert [len(one.boxes) > 0 for one in pairs[1]] == [len(one.boxes) > 0 for one in pairs[0]]
    assert len(written(runner, image)) > 0
    if options == {'dtype': 'float32'}:
        assert [one.cells for one in pairs[1]] == [one.cells for one in pairs[0]]
        assert written(runner, image) == written(backend, image)
