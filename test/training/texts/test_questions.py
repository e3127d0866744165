# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``questions``, ``captions`` and ``language`` in ``training.texts``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random
import re

from hypothesis import given
from hypothesis import strategies as st
import pytest

from kosmos_ros.core.geometry import iou
from kosmos_ros.core.model import prompts
from kosmos_ros.core.model.grammar import Prompt, PromptPart, Tag
from kosmos_ros.core.types import Box
from kosmos_ros.sim.vocabulary import NUMBERS
from training.packing import encode_parts
from training.table import Table, Thing
from training.texts.captions import (
    brief_caption,
    detailed_caption,
    EMPTY_BRIEF,
    EMPTY_DETAILED,
    plain_caption,
)
from training.texts.examples import ask_example, BoxPart, Example, locate_example, Part
from training.texts.language import examples
from training.texts.questions import count, count_all, exists, named_color, question, where
from training.texts.region_questions import identify, region_check
from training.texts.words import known_words
from training.tokenizer import UNK

seeds = st.integers(0, 2**31)
MakeTable = Callable[[int], Table]
Describes = Callable[[Iterable[str], Thing], bool]


def spelled(parts: tuple[Part, ...]) -> str:
    """Return words and tags; boxes are left out."""
    return ''.join(
        part.value if isinstance(part, Tag) else part if isinstance(part, str) else ''
        for part in parts
    )


def text(example: Example) -> str:
    """Return the words of a question without a region."""
    return spelled(example.prompt)


def as_prompt(example: Example) -> Prompt:
    """Return the prompt with cells in place of exact boxes, and texts joined."""
    parts: list[PromptPart] = []
    for part in example.prompt:
        if isinstance(part, BoxPart):
            parts.extend(prompts.cells_from_box(Box(part.x0, part.y0, part.x1, part.y1)))
        else:
            parts.append(part)
    return Prompt(tuple(parts))


def test_prompts_are_those_of_the_core(table: Table) -> None:
    mug = table.things[1]
    box = Box(*mug.box)
    assert as_prompt(locate_example('the mug', [])) == prompts.locate_prompt('the mug')
    assert as_prompt(brief_caption(table)) == prompts.describe_prompt(detailed=False)
    assert as_prompt(detailed_caption(table)) == prompts.describe_prompt(detailed=True)
    asked = ask_example('What color is', (), ('this object', mug))
    assert as_prompt(asked) == prompts.ask_prompt('What color is this object', box)
    asked = ask_example('What color does', (), ('it', mug), ' have')
    assert as_prompt(asked) == prompts.ask_prompt('What color does it have?', box)
    asked = ask_example('How many cubes are there', ())
    assert as_prompt(asked) == prompts.ask_prompt('How many cubes are there?')


def test_identify_names_the_thing_in_the_box() -> None:
    mug = Thing('mug', 'orange', 'large', (0.4, 0.2, 0.6, 0.45))
    example = identify(Random(2), Table.of([mug]))
    assert example is not None
    assert spelled(example.prompt).startswith('<grounding><phrase> It</phrase><object>')
    assert spelled(example.prompt).endswith('</object> is')
    assert example.answer == (' an orange mug.',)


@given(seeds)
def test_a_region_is_what_is_said_of_it(
    make_table: MakeTable, describes: Describes, seed: int
) -> None:
    table = make_table(seed)
    example = region_check(Random(seed), table)
    if example is None:
        return
    (box,) = (part for part in example.prompt if isinstance(part, BoxPart))
    words = example.prompt[-1].removesuffix('? Answer:').split()
    nearest = max(
        table.things, key=lambda t: iou(Box(*t.box), Box(box.x0, box.y0, box.x1, box.y1))
    )
    assert example.answer == ((' Yes.',) if describes(words, nearest) else (' No.',))


def test_captions_name_everything_from_left_to_right(table: Table) -> None:
    names = [' a red cube', ' an orange mug', ' a blue cube']
    assert plain_caption(table).answer == (names[0], ',', names[1], ' and', names[2], '.')
    brief = brief_caption(table)
    assert [part for part in brief.answer if part in names] == names
    boxes = [part for part in brief.answer if isinstance(part, BoxPart)]
    assert [(b.x0, b.y0, b.x1, b.y1) for b in boxes] == [thing.box for thing in table.things]
    detailed = spelled(detailed_caption(table).answer)
    assert detailed.startswith(' There are three objects on the table:<phrase> a small red cube<')


def test_an_empty_table_is_called_empty() -> None:
    empty = Table(())
    assert brief_caption(empty).answer == plain_caption(empty).answer == (EMPTY_BRIEF,)
    assert detailed_caption(empty).answer == (EMPTY_DETAILED,)


@given(seeds)
def test_counts_are_right(make_table: MakeTable, describes: Describes, seed: int) -> None:
    table = make_table(seed)
    rng = Random(seed)
    example = count(rng, table)
    if example is not None:
        match = re.search(r'How many (.+) (?:are there|are on|do you|can you)', text(example))
        assert match is not None
        said = NUMBERS.index(example.answer[0].strip(' .'))
        assert said == sum(describes(match[1].split(), thing) for thing in table.things)
        assert not any(describes(match[1].split(), thing) for thing in table.doubtful)
    total = count_all(rng, table)
    if total is not None:
        assert total.answer == (f' {NUMBERS[len(table.things)]}.',)


@given(seeds)
def test_what_is_there_is_answered_with_yes(
    make_table: MakeTable, describes: Describes, seed: int
) -> None:
    table = make_table(seed)
    example = exists(Random(seed), table)
    if example is None:
        return
    match = re.search(
        r'(?:Is there|Do you see|Can you see) (.+?)(?: on the table| here| in the image)?\?',
        text(example),
    )
    assert match is not None
    words = match[1].split()
    if set(words) <= set(known_words()):
        everything = (*table.things, *table.doubtful)
        there = any(describes(words, thing) for thing in everything)
        assert example.answer == ((' Yes.',) if there else (' No.',))
    else:
        assert example.answer == (' No.',)


@pytest.mark.parametrize('maker', [exists, where, named_color])
@given(seed=seeds)
def test_an_empty_table_has_nothing(maker: Callable[..., Example | None], seed: int) -> None:
    example = maker(Random(seed), Table(()))
    if example is not None:
        assert example.answer in {(' No.',), (' not in the image.',)}


@given(seeds)
def test_every_example_is_well_formed(make_table: MakeTable, seed: int) -> None:
    table = make_table(seed)
    known = {thing.box for thing in table.things}
    made = examples(Random(seed), table, caption_chance=1.0)
    asked = question(Random(seed), table)
    for example in [*made, *([asked] if asked else [])]:
        for parts in (example.prompt, example.answer):
            ids, corners = encode_parts(parts)
            assert UNK not in ids
            assert len(ids) == len(corners)
        text = spelled(example.prompt) + spelled(example.answer)
        assert text.count('<phrase>') == text.count('</phrase>')
        assert text.count('<object>') == text.count('</object>')
        assert not re.search(r'\ba [aeiou]| an [^aeiou]|  ', text.lower())
        boxes = [part for part in example.answer if isinstance(part, BoxPart)]
        assert {(b.x0, b.y0, b.x1, b.y1) for b in boxes} <= known
