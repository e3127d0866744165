# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``training.packing``."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from hypothesis import assume, given
from hypothesis import strategies as st
import numpy as np
import pytest

from kosmos_ros.core.model.cells import cells_from_box
from kosmos_ros.core.model.grammar import Tag
from kosmos_ros.core.types import Box
from training.packing import (
    cells_of,
    encode_answer_text,
    encode_parts,
    first_cell,
    IGNORED,
    pack,
    PREFIX_LENGTH,
    ROW_LENGTH,
    ROWS,
    tag_id,
)
from training.table import Table
from training.texts.captions import brief_caption
from training.texts.examples import BoxPart, locate_example, spoken_example, unseen_example
from training.texts.language import examples
from training.tokenizer import BOS, EOS, shared_processor

unit = st.floats(0, 1, allow_nan=False)


@given(st.tuples(unit, unit).map(sorted), st.tuples(unit, unit).map(sorted))
def test_cells_follow_the_rule_of_the_core(x: list[float], y: list[float]) -> None:
    assume(x[1] - x[0] > 1e-3 and y[1] - y[0] > 1e-3)
    box = Box(x[0], y[0], x[1], y[1])
    expected = tuple(cell.index for cell in cells_from_box(box))
    assert cells_of(BoxPart(box.x0, box.y0, box.x1, box.y1)) == expected


def test_a_located_phrase_is_spelled_as_in_the_grammar(table: Table) -> None:
    cubes = [table.things[0], table.things[2]]
    example = locate_example('the cubes', cubes)
    tokenizer = shared_processor().tokenizer
    prompt, answer = (
        tokenizer.convert_ids_to_tokens(encode_parts(parts)[0])
        for parts in (example.prompt, example.answer)
    )
    assert prompt == ['<grounding>', '<phrase>', '▁the', '▁cubes', '</phrase>']
    assert (answer[0], answer[-1]) == ('<object>', '</object>')
    assert answer[3] == '</delimiter_of_multi_objects/>'
    assert len(answer) == 7


def test_a_phrase_can_be_learned_behind_its_image_and_without_one(table: Table) -> None:
    packed = pack([spoken_example('the mug', [table.things[1]]), unseen_example('the mug')])
    seen, unseen = packed.segments[0] == 1, packed.segments[0] == -2
    words = shared_processor().tokenizer.convert_tokens_to_ids(['▁the', '▁mug', '</phrase>'])
    assert packed.targets[0][seen][1:4].tolist() == words
    assert packed.targets[0][seen][-1] == EOS
    assert packed.ids[0][unseen][0] == BOS
    # Nothing is taught about what follows a phrase without an image.
    assert packed.targets[0][unseen].tolist() == [IGNORED, IGNORED, *words]
    assert packed.positions[0][unseen].tolist() == [-PREFIX_LENGTH + n for n in range(5)]


def test_corners_are_kept_where_the_cells_are(table: Table) -> None:
    thing = table.things[1]
    ids, corners = encode_parts(locate_example('the mug', [thing]).answer)
    for place, (x, y) in ((1, thing.box[:2]), (2, thing.box[2:])):
        cell = ids[place] - first_cell()
        assert corners[place] == pytest.approx((32 * x - 0.5, 32 * y - 0.5))
        assert abs(cell % 32 - corners[place][0]) <= 1
        assert abs(cell // 32 - corners[place][1]) <= 1


def test_an_answer_may_begin_with_a_capital() -> None:
    tokens = shared_processor().tokenizer.convert_ids_to_tokens(encode_answer_text(' There are'))
    assert tokens == ['▁There', '▁are']


@given(st.integers(0, 2**31))
def test_rows_hold_whole_examples(make_table: Callable[[int], Table], seed: int) -> None:
    packed = pack(examples(Random(seed), make_table(seed)))
    assert packed.ids.shape == (ROWS, ROW_LENGTH)
    for number in np.unique(packed.segments[packed.segments > 0]):
        rows, columns = np.nonzero(packed.segments == number)
        assert len(set(rows.tolist())) == 1
        assert (np.diff(columns) == 1).all()
        assert packed.positions[rows, columns].tolist() == list(range(len(columns)))
        targets = packed.targets[rows, columns]
        assert targets[-1] == EOS
        learned = targets != IGNORED
        ids = packed.ids[rows, columns]
        assert (targets[learned][:-1] == ids[1:][learned[:-1]]).all()


def test_a_long_example_that_fits_nowhere_is_left_out(table: Table) -> None:
    example = brief_caption(table)
    packed = pack([example] * 30)
    starts = (packed.ids == tag_id(Tag.GROUNDING)).sum()
    assert 0 < starts < 30
    assert (packed.segments.max(), packed.positions[:, 0].max()) == (starts, 0)
