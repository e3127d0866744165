# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Ranked boxes against the beam search of the library, and the other places made of them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import GenerationConfig

import kosmos_ros
from kosmos_ros.backends.kosmos2.alternatives import BEAMS, corners_to_follow, other_places
from kosmos_ros.backends.kosmos2.backend import TransformersBackend
from kosmos_ros.backends.kosmos2.decoding.decoder import Decoder
from kosmos_ros.backends.kosmos2.frames import ask
from kosmos_ros.backends.kosmos2.head import OutputHead
from kosmos_ros.backends.kosmos2.loading import load_model, LoadedModel
from kosmos_ros.backends.kosmos2.pixels import pixel_values
from kosmos_ros.backends.kosmos2.probabilities import best_cells, best_pairs, lower_right_cells
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.core.geometry import iou
from kosmos_ros.core.grounder import never
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.model.backend import Located, queries_about
from kosmos_ros.core.model.cells import box_from_cells
from kosmos_ros.core.model.grammar import Cell, CELL_COUNT, GRID_SIZE, Tag
from kosmos_ros.core.model.prompts import locate_prompt
from kosmos_ros.sim.rendering.renderer import TabletopRenderer
from kosmos_ros.sim.scenes.scene import sample_scene, SceneOptions

TABLETOP = Path(kosmos_ros.__file__).parent / 'models' / 'tabletop'
PHRASES = ('the red cube', 'the mug', 'the blue box on the left')

Pair = tuple[Cell, Cell]


@pytest.fixture(scope='module')
def scene() -> RgbImage:
    """Return a picture of a table with a black cube on it."""
    with TabletopRenderer() as renderer:
        return renderer.render(sample_scene(50_003, SceneOptions())).rgb


@pytest.fixture(scope='module')
def tabletop() -> TransformersBackend:
    """Return the embedded model."""
    settings = ModelSettings(model=str(TABLETOP), device='cpu', dtype='float32')
    return TransformersBackend(load_model(settings))


@pytest.fixture(params=['random', 'tabletop'])
def both(
    request: pytest.FixtureRequest, backend: TransformersBackend, image: RgbImage, scene: RgbImage
) -> tuple[TransformersBackend, RgbImage]:
    """Return a model that knows nothing, and one that was trained, each with a picture."""
    if request.param == 'random':
        return backend, image
    return request.getfixturevalue('tabletop'), scene


def beam_search(
    loaded: LoadedModel, image: RgbImage, phrase: str, beams: int
) -> tuple[list[Pair], list[float]]:
    """Let the library write two corners; return all its beams with their log-probabilities."""
    vocabulary = loaded.vocabulary
    first = vocabulary.ids.first_cell
    ids = [*vocabulary.encode_prompt(locate_prompt(phrase)), vocabulary.ids.tags[Tag.OBJECT]]

    def allowed(_: int, history: torch.Tensor) -> list[int]:
        if len(history) == len(ids):
            return list(range(first, first + CELL_COUNT))
        cells = lower_right_cells(Cell(int(history[-1]) - first))
        return (np.flatnonzero(cells) + first).tolist()

    mask = torch.zeros((1, len(ids)), dtype=torch.long)
    mask[:, vocabulary.image.slots] = 1
    answer = loaded.model.generate(
        pixel_values=pixel_values(loaded.image_processor, image),
        input_ids=torch.tensor([ids]),
        attention_mask=torch.ones((1, len(ids)), dtype=torch.long),
        image_embeds_position_mask=mask,
        prefix_allowed_tokens_fn=allowed,
        # The text model has a configuration of its own, which would fill in what is left out.
        generation_config=GenerationConfig(
            num_beams=beams,
            num_return_sequences=beams,
            min_new_tokens=2,
            max_new_tokens=2,
            do_sample=False,
            length_penalty=0.0,
            no_repeat_ngram_size=0,
            early_stopping=False,
            bos_token_id=vocabulary.ids.bos,
            eos_token_id=vocabulary.ids.eos,
            pad_token_id=vocabulary.ids.pad,
        ),
        output_scores=True,
        return_dict_in_generate=True,
    )
    corners = (answer.sequences[:, len(ids) :] - first).tolist()
    pairs = [(Cell(upper), Cell(lower)) for upper, lower in corners]
    return pairs, answer.sequences_scores.tolist() if beams > 1 else []


def ranked(backend: TransformersBackend, image: RgbImage, phrase: str, count: int) -> list[Pair]:
    """Rank boxes by what two passes give."""
    loaded = backend.loaded
    vocabulary, first = loaded.vocabulary, loaded.vocabulary.ids.first_cell
    head = OutputHead(loaded.model, vocabulary)
    decoder = Decoder(loaded.model, vocabulary.image.slots)
    prompt = [*vocabulary.encode_prompt(locate_prompt(phrase)), vocabulary.ids.tags[Tag.OBJECT]]
    hidden = ask(decoder, vocabulary, backend.encode([image]), [prompt], keep=1)
    log = head.full_log(hidden)[0, 0, head.cells].numpy()
    cells = best_cells(log, BEAMS)
    decoder.select([0] * BEAMS)
    hidden = decoder.feed([[first + cell.index] for cell in cells], keep=1)
    lower_rights = head.full_log(hidden)[:, 0, head.cells].numpy()
    followed = log[[cell.index for cell in cells]]
    return [(cells[i], cell) for i, cell in best_pairs(cells, followed, lower_rights, count)]


@pytest.mark.parametrize('phrase', PHRASES)
def test_the_best_boxes_are_those_of_a_beam_search(
    both: tuple[TransformersBackend, RgbImage], phrase: str
) -> None:
    backend, image = both
    found, scores = beam_search(backend.loaded, image, phrase, BEAMS)
    # Ties would make the order a matter of rounding.
    assert all(first - second > 1e-4 for first, second in pairwise(scores[:5]))
    assert ranked(backend, image, phrase, 4) == found[:4]


@pytest.mark.parametrize('phrase', PHRASES)
def test_the_first_box_is_that_of_greedy_search(
    both: tuple[TransformersBackend, RgbImage], phrase: str
) -> None:
    backend, image = both
    (greedy,), _ = beam_search(backend.loaded, image, phrase, 1)
    (frame,) = backend.encode([image])
    plain, with_others = (
        backend.locate(queries_about(frame, [phrase]), 1, never, alternatives=count)[0]
        for count in (0, 3)
    )
    assert plain.cells == with_others.cells == (greedy,)
    assert plain.alternatives == ()
    assert corners(with_others.boxes[0].box) == pytest.approx(corners(plain.boxes[0].box))
    assert with_others.boxes[0].score == pytest.approx(plain.boxes[0].score, rel=1e-3)


def corners(box: object) -> tuple[float, ...]:
    """Return the corners of a box."""
    return (box.x0, box.y0, box.x1, box.y1)


def different(located: Located) -> bool:
    """Tell whether no two boxes are the same place."""
    boxes = [located.boxes[0].box, *(other.box for other in located.alternatives)]
    return all(iou(box, other) < 0.5 for index, box in enumerate(boxes) for other in boxes[:index])


def test_alternatives_are_other_places_best_first(
    both: tuple[TransformersBackend, RgbImage],
) -> None:
    backend, image = both
    (frame,) = backend.encode([image])
    phrases = [*PHRASES, 'the thing']
    for located in backend.locate(queries_about(frame, phrases), 2, never, alternatives=3):
        assert 1 <= len(located.alternatives) <= 3
        assert different(located)
        scores = [other.score for other in located.alternatives]
        assert scores == sorted(scores, reverse=True)
        assert {other.label for other in located.alternatives} == {located.boxes[0].label}


def test_a_model_that_is_sure_is_asked_about_other_places_too(
    tabletop: TransformersBackend, scene: RgbImage
) -> None:
    (frame,) = tabletop.encode([scene])
    (located,) = tabletop.locate(
        queries_about(frame, ['the black cube']), 1, never, alternatives=1
    )
    assert located.boxes[0].score > 0.5
    assert located.alternatives[0].score < 0.1


def test_the_corners_that_are_followed_begin_with_the_best_and_include_peaks() -> None:
    rows, columns = np.divmod(np.arange(CELL_COUNT), GRID_SIZE)
    log = -np.hypot(rows - 8, columns - 9).astype(np.float32)
    far = 28 * GRID_SIZE + 27
    log[far] = -19.0
    followed = corners_to_follow(log)
    assert followed[:BEAMS] == best_cells(log, BEAMS)
    assert Cell(far) in followed
    assert len(set(followed)) == len(followed) <= 24


def test_further_boxes_are_the_same_with_and_without_alternatives(
    backend: TransformersBackend, image: RgbImage
) -> None:
    (frame,) = backend.encode([image])
    queries = queries_about(frame, PHRASES)
    plain = backend.locate(queries, 3, never)
    with_others = backend.locate(queries, 3, never, alternatives=2)
    assert [found.cells for found in plain] == [found.cells for found in with_others]
    assert any(len(found.cells) > 1 for found in plain)


def test_of_two_things_that_look_alike_the_second_is_the_alternative() -> None:
    def cell(row: int, column: int) -> Cell:
        return Cell(row * GRID_SIZE + column)

    def log(*chances: tuple[Cell, float]) -> np.ndarray:
        chance = np.full(CELL_COUNT, 1e-9)
        for place, value in chances:
            chance[place.index] = value
        return np.log(chance / chance.sum()).astype(np.float32)

    left, beside, right = cell(4, 4), cell(4, 5), cell(4, 20)
    upper_left = log((left, 0.5), (beside, 0.2), (right, 0.3))
    lower_rights = np.stack(
        [log((cell(12, 12), 1.0)), log((cell(12, 12), 1.0)), log((cell(12, 28), 0.9))]
    )
    first = box_from_cells(left, cell(12, 12))
    found = other_places(first, [left, beside, right], upper_left, lower_rights, 1)
    assert len(found) == 1
    box, chance = found[0]
    assert corners(box) == pytest.approx(corners(box_from_cells(right, cell(12, 28))), abs=1e-3)
    assert chance == pytest.approx(0.3, abs=1e-3)
