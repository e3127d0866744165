# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``backends.kosmos2.witness``, by the stock model and on the embedded one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
import math
from pathlib import Path

import numpy as np
from PIL import Image
import pytest
import torch

from kosmos_ros.backends.kosmos2.backend import TransformersBackend
from kosmos_ros.backends.kosmos2.loading import LoadedModel
from kosmos_ros.backends.kosmos2.witness import agreement, content_words
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.core.errors import GroundingStoppedError
from kosmos_ros.core.grounder import never
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.model.answer_reader import ParsedBox, ParsedPhrase
from kosmos_ros.core.model.backend import Located, queries_about
from kosmos_ros.core.model.grammar import Tag
from kosmos_ros.core.model.prompts import is_there_prompts
from kosmos_ros.core.model.signals import LARGEST_RATIO, LEVELS, NAMES, Signals
from kosmos_ros.core.types import Box, ScoredBox

TABLE = Path(__file__).parents[3] / 'examples' / 'table.png'
THERE = ('the white plate', 'a blue cone', 'the orange plate')
ABSENT = ('the red cube', 'the snowman', 'a green star')
BOX = Box(0.1, 0.1, 0.5, 0.5)


@pytest.fixture(scope='module')
def embedded() -> TransformersBackend:
    """Return the embedded model."""
    return TransformersBackend.load(ModelSettings(threads=1))


@pytest.fixture(scope='module')
def table() -> RgbImage:
    """Return the picture of the examples."""
    return np.asarray(Image.open(TABLE).convert('RGB'))


@pytest.fixture
def measuring(embedded: TransformersBackend) -> Iterator[TransformersBackend]:
    """Return it while it measures all signals."""
    embedded.signals = LEVELS[-1]
    yield embedded
    embedded.signals = ''


def located(backend: TransformersBackend, image: RgbImage, *phrases: str) -> tuple[Located, ...]:
    (frame,) = backend.encode([image])
    return backend.locate(queries_about(frame, phrases), 1, never)


def test_a_model_without_fusions_measures_nothing(embedded, table) -> None:
    assert embedded.signals == ''
    assert located(embedded, table, *THERE)[0].signals is None
    assert embedded._witness.decoders == 0


def test_signals_are_in_range_and_tell_what_is_there(measuring, table) -> None:
    answers = located(measuring, table, *THERE, *ABSENT)
    signals = [one.signals for one in answers]
    for one in signals:
        for name in (spec.name for spec in fields(Signals)):
            low = -LARGEST_RATIO if name.endswith(('ratio', 'yes', 'opener')) else 0.0
            assert low <= getattr(one, name) <= (LARGEST_RATIO if low else 1.0), name
    # It never read a phrase without an image, so that those ratios mean nothing.
    for name in ('opener', 'upper_left_mass', 'grounded_yes', 'caption_words'):
        values = [getattr(one, name) for one in signals]
        better = [there > absent for there in values[:3] for absent in values[3:]]
        assert sum(better) >= 7, name


def test_a_phrase_among_others_has_the_signals_it_has_alone(measuring, table) -> None:
    together = located(measuring, table, THERE[0], ABSENT[1], 'the object on the far left')
    alone = [located(measuring, table, text)[0] for text in (THERE[0], ABSENT[1])]
    for one, other in zip(together, alone, strict=False):
        assert vars(one.signals) == pytest.approx(vars(other.signals), abs=2e-4)


def test_locating_itself_does_not_change(embedded, measuring, table) -> None:
    with_signals = located(measuring, table, *THERE)
    embedded.signals = ''
    for one, other in zip(with_signals, located(embedded, table, *THERE), strict=True):
        assert one.existence == pytest.approx(other.existence, abs=1e-5)
        assert one.cells == other.cells


def test_likelihoods_without_an_image_are_those_of_the_stock_model_and_kept(
    backend: TransformersBackend, loaded: LoadedModel
) -> None:
    witness, vocabulary = backend._witness, loaded.vocabulary
    phrases = ('the red cube', 'a mug')
    found = witness.unseen(phrases)
    decoders = witness.decoders
    assert witness.unseen(phrases[::-1]) == found[::-1]
    assert witness.decoders == decoders
    tags = vocabulary.ids.tags
    for phrase, mine in zip(phrases, found, strict=True):
        words = (*vocabulary.encode_text(f' {phrase}'), tags[Tag.PHRASE_END])
        ids = [vocabulary.ids.bos, tags[Tag.GROUNDING], tags[Tag.PHRASE], *words]
        with torch.inference_mode():
            logits = loaded.model.text_model(input_ids=torch.tensor([ids])).logits[0]
        log = logits.float().log_softmax(-1)[-len(words) - 1 : -1]
        theirs = [float(row[token]) for row, token in zip(log, words, strict=True)]
        assert mine == pytest.approx(theirs, abs=1e-4)


def test_it_stops_when_asked_to(measuring, table) -> None:
    (frame,) = measuring.encode([table])
    asked = iter(range(100))
    with pytest.raises(GroundingStoppedError):
        measuring.locate(queries_about(frame, ['a mug']), 1, lambda: next(asked) >= 3)


@pytest.mark.parametrize(
    ('phrase', 'asked'),
    [
        ('the red cube', 'a red cube'),
        ('an orange ball.', 'an orange ball'),
        ('orange ball', 'an orange ball'),
        ('the', 'a the'),
    ],
)
def test_the_question_has_an_article_of_its_own(phrase: str, asked: str) -> None:
    texts = [str(prompt) for prompt in is_there_prompts(phrase)]
    assert texts[0] == f' Question: Is there {asked} in the image? Answer:'
    assert texts[1] == f'<grounding>{texts[0]}'
    assert f'<phrase> {asked}</phrase> in the image' in texts[2]


def test_captions_agree_in_words_and_place() -> None:
    caption = (
        ParsedPhrase('a red cube', 0, 10, (ParsedBox(BOX, 0.9),)),
        ParsedPhrase('a mug', 12, 17),
    )
    assert agreement('the red cubes', ScoredBox(BOX, 0.9), caption) == (1.0, 1.0)
    assert agreement('the red ball', ScoredBox(BOX, 0.9), caption) == pytest.approx((1 / 3, 1 / 3))
    assert agreement('the mug', ScoredBox(BOX, 0.9), caption) == (1.0, 0.0)
    assert agreement('the mug', None, ()) == (0.0, 0.0)
    assert content_words('The Cubes, a mug') == {'cube', 'mug'}


def test_levels_measure_what_they_say(measuring, table) -> None:
    for level in LEVELS:
        measuring.signals = level
        signals = located(measuring, table, 'a mug')[0].signals
        measured = {name for name, value in vars(signals).items() if value is not None}
        expected = [NAMES[one] for one in LEVELS[: LEVELS.index(level) + 1]]
        assert measured == {name for names in expected for name in names}
        assert all(math.isfinite(getattr(signals, name)) for name in measured)
