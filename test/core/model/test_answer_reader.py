# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What becomes of the tokens of whole answers: ``answer_reader``, by way of ``parse``."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
import math

from hypothesis import given
from hypothesis import strategies as st
import pytest

from kosmos_ros.backends.scripted import WordVocabulary
from kosmos_ros.core.model.answer_reader import ParsedAnswer, ParsedBox
from kosmos_ros.core.model.backend import GeneratedToken, Generation
from kosmos_ros.core.model.cells import box_from_cells, Corner
from kosmos_ros.core.model.grammar import Cell, CELL_COUNT, GrammarIds, Prompt, Tag
from kosmos_ros.core.model.raw_prompt import raw_prompt
from kosmos_ros.core.model.streaming import parse
from kosmos_ros.core.types import Box

CAPTION = '<grounding> An image of'
A, B, C, D = (f'<patch_index_{index:04d}>' for index in (44, 863, 6, 879))
SNOWMAN, FIRE = box_from_cells(Cell(44), Cell(863)), box_from_cells(Cell(6), Cell(879))
NEXT = '</delimiter_of_multi_objects/>'


def read(
    answer: str, prompt: str = CAPTION, probability: float = 0.5, finished: bool = True
) -> ParsedAnswer:
    """Parse an answer in which tags and cells are spelled out."""
    vocabulary = WordVocabulary()
    tokens = tuple(GeneratedToken(token, probability) for token in vocabulary.encode(answer))
    return parse(raw_prompt(prompt), Generation(tokens, finished), vocabulary)


def is_upright(first: Cell, second: Cell) -> bool:
    """Tell whether two cells make a box."""
    return first.index // 32 <= second.index // 32 and first.index % 32 <= second.index % 32


def boxes_of(parsed: ParsedAnswer) -> list[tuple[str, list[Box]]]:
    """Return name and boxes of each phrase, and check that the spans fit the text."""
    for phrase in parsed.phrases:
        assert parsed.text[phrase.start : phrase.end] == phrase.text
    return [(phrase.text, [box.box for box in phrase.boxes]) for phrase in parsed.phrases]


def test_a_published_caption_comes_out_exactly() -> None:
    parsed = read(
        f'<phrase> a snowman</phrase><object>{A}{B}</object> warming up by'
        f'<phrase> a fire</phrase><object>{C}{D}</object>'
    )
    assert parsed.text == 'An image of a snowman warming up by a fire'
    assert [(phrase.start, phrase.end) for phrase in parsed.phrases] == [(12, 21), (36, 42)]
    assert boxes_of(parsed) == [('a snowman', [SNOWMAN]), ('a fire', [FIRE])]
    assert parsed.dropped == 0


def test_scores_are_products_of_token_probabilities() -> None:
    vocabulary = WordVocabulary()
    answer = f'<phrase> dogs</phrase><object>{A}{B}{NEXT}{C}{D}</object>'
    probabilities = (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 1.0)
    tokens = zip(vocabulary.encode(answer), probabilities, strict=True)
    generation = Generation(tuple(GeneratedToken(*token) for token in tokens), finished=True)
    (phrase,) = parse(raw_prompt(CAPTION), generation, vocabulary).phrases
    assert phrase.existence == 0.6
    assert [box.score for box in phrase.boxes] == pytest.approx([0.6 * 0.5 * 0.4, 0.3 * 0.2 * 0.1])


@pytest.mark.parametrize(
    ('first', 'second', 'expected'),
    [
        (None, None, SNOWMAN),
        (Corner(0.30, 0.05, 0.9), None, SNOWMAN),
        (None, Corner(0.95, 0.80, 0.9), SNOWMAN),
        (Corner(0.30, 0.05, 0.9), Corner(0.95, 0.80, 0.9), Box(0.30, 0.05, 0.95, 0.80)),
        # crossing on x, on both
        (Corner(0.96, 0.05, 0.9), Corner(0.95, 0.80, 0.9),
         Box(SNOWMAN.x0, 0.05, SNOWMAN.x1, 0.80)),
        (Corner(0.96, 0.9, 0.9), Corner(0.95, 0.9, 0.9), SNOWMAN),
    ],
)  # fmt: skip
def test_boxes_run_between_fine_corners_where_both_are_known(
    first: Corner | None, second: Corner | None, expected: Box
) -> None:
    vocabulary = WordVocabulary()
    ids = vocabulary.encode(f'<phrase> it</phrase><object>{A}{B}</object>')
    corners = {ids[-3]: first, ids[-2]: second}
    tokens = tuple(GeneratedToken(token, 0.5, corners.get(token)) for token in ids)
    (phrase,) = parse(raw_prompt(CAPTION), Generation(tokens, True), vocabulary).phrases
    assert phrase.boxes == (ParsedBox(expected, 0.125),)


def test_fine_corners_do_not_make_an_inverted_box_sound() -> None:
    vocabulary = WordVocabulary()
    ids = vocabulary.encode(f'<phrase> it</phrase><object>{B}{A}</object>')
    corners = {ids[-3]: Corner(0.1, 0.1, 0.9), ids[-2]: Corner(0.9, 0.9, 0.9)}
    tokens = tuple(GeneratedToken(token, 0.5, corners.get(token)) for token in ids)
    parsed = parse(raw_prompt(CAPTION), Generation(tokens, True), vocabulary)
    assert (parsed.phrases[0].boxes, parsed.dropped) == ((), 1)


def test_a_box_begun_in_the_prompt_has_whole_cells() -> None:
    vocabulary = WordVocabulary()
    token = GeneratedToken(vocabulary.encode(B)[0], 0.5, Corner(0.95, 0.8, 0.9))
    prompt = raw_prompt(f'<grounding><phrase> it</phrase><object>{A}')
    (phrase,) = parse(prompt, Generation((token,), True), vocabulary).phrases
    assert phrase.boxes[0].box == SNOWMAN


def test_boxes_of_the_prompt_are_marked_and_cut_off_with_it() -> None:
    prompt = f'<grounding> Question: What is<phrase> this</phrase><object>{A}{B}</object>? Answer:'
    parsed = read(f' It is<phrase> a fire</phrase><object>{C}{D}</object>.', prompt)
    assert parsed.text == 'Question: What is this? Answer: It is a fire.'
    assert [[box.given for box in phrase.boxes] for phrase in parsed.phrases] == [[True], [False]]
    answer = parsed.without_prompt()
    assert answer.text == 'It is a fire.'
    assert boxes_of(answer) == [('a fire', [FIRE])]


def test_an_answer_to_a_phrase_of_the_prompt_belongs_to_it() -> None:
    parsed = read(f'<object>{A}{B}</object>', '<grounding><phrase> the snowman</phrase>')
    assert boxes_of(parsed) == [('the snowman', [SNOWMAN])]
    (phrase,) = parsed.phrases
    assert phrase.existence == 0.5
    assert not phrase.boxes[0].given


def test_a_box_begun_in_the_prompt_scores_what_the_model_added() -> None:
    parsed = read(f'{B}</object>', f'<grounding><phrase> it</phrase><object>{A}')
    (phrase,) = parsed.phrases
    assert (phrase.boxes[0].score, phrase.boxes[0].given) == (0.5, False)
    assert phrase.existence == 1.0


def test_text_that_looks_like_tags_stays_text() -> None:
    parsed = read('<phrase> a < b <3 </x></phrase><object>' + A + B + '</object> x<y')
    assert parsed.text == 'An image of a < b <3 </x> x<y'
    assert boxes_of(parsed) == [('a < b <3 </x>', [SNOWMAN])]


@pytest.mark.parametrize(
    ('answer', 'expected', 'dropped'),
    [
        # several boxes
        (f'<phrase> d</phrase><object>{A}{B}{NEXT}{C}{D}</object>', [('d', [SNOWMAN, FIRE])], 0),
        (f'<phrase> d</phrase><object>{A}{B}</object><object>{C}{D}</object>',
         [('d', [SNOWMAN, FIRE])], 0),
        (f'<phrase> d</phrase><object>{A}{B}{NEXT}{A}{B}</object>', [('d', [SNOWMAN])], 0),
        # truncated
        ('<phrase> d</phrase><object>', [('d', [])], 1),
        (f'<phrase> d</phrase><object>{A}', [('d', [])], 1),
        (f'<phrase> d</phrase><object>{A}{B}', [('d', [SNOWMAN])], 0),
        (f'<phrase> d</phrase><object>{A}{B}{NEXT}{C}', [('d', [SNOWMAN])], 1),
        (f'<phrase> d</phrase><object>{A}{B} runs', [('d', [SNOWMAN])], 0),
        ('<phrase> d', [], 1),
        # inverted, out of range, single, triple, empty
        (f'<phrase> d</phrase><object>{B}{A}</object>', [('d', [])], 1),
        (f'<phrase> d</phrase><object>{B}{A}{NEXT}{C}{D}</object>', [('d', [FIRE])], 1),
        (f'<phrase> d</phrase><object>{A} far</object> e', [('d', [])], 2),
        (f'<phrase> d</phrase><object>{A}</object>', [('d', [])], 1),
        (f'<phrase> d</phrase><object>{A}{B}{D}</object>', [('d', [])], 1),
        ('<phrase> d</phrase><object></object>', [('d', [])], 1),
        (f'<phrase> d</phrase><object>{A}{B}{NEXT}</object>', [('d', [SNOWMAN])], 1),
        # one without the other
        ('<phrase> d</phrase> runs', [('d', [])], 0),
        (f'<object>{A}{B}</object> runs', [], 1),
        (f'<phrase> d</phrase> and<object>{A}{B}</object>', [('d', [])], 1),
        (f'<phrase></phrase><object>{A}{B}</object>', [], 2),
        # nested and doubled
        (f'<phrase> d<phrase> e</phrase><object>{A}{B}</object>', [('e', [SNOWMAN])], 1),
        (f'<phrase> d<object>{A}{B}</object></phrase> e', [], 3),
        (f'<phrase> d</phrase></phrase><object>{A}{B}</object>', [('d', [SNOWMAN])], 1),
        (f'<phrase> d</phrase><object><object>{A}{B}</object>', [('d', [SNOWMAN])], 1),
        (f'<phrase> d</phrase><object>{A}{B}</object></object>', [('d', [SNOWMAN])], 1),
        (f'<phrase> d</phrase>{NEXT}<object>{A}{B}</object>', [('d', [SNOWMAN])], 1),
        (f'<grounding><phrase> d</phrase><object>{A}{B}</object>', [('d', [SNOWMAN])], 1),
        (f'{A}<phrase> d</phrase><object>{A}{B}</object>{B}', [('d', [SNOWMAN])], 2),
        (f'<phrase> d</phrase><object>{A}<phrase> e</phrase><object>{C}{D}</object>',
         [('d', []), ('e', [FIRE])], 1),
    ],
)  # fmt: skip
def test_the_sound_is_kept_and_the_rest_counted(
    answer: str, expected: list[tuple[str, list[Box]]], dropped: int
) -> None:
    parsed = read(answer)
    assert boxes_of(parsed) == expected
    assert parsed.dropped == dropped


def test_nothing_counts_after_the_end_token_and_fill_is_skipped() -> None:
    vocabulary = WordVocabulary()
    ids = vocabulary.ids
    head = vocabulary.encode(' a')
    tail = vocabulary.encode(f' b<object>{A}')
    tokens = [ids.bos, *head, ids.pad, *vocabulary.encode(' dog'), ids.eos, *tail]
    generation = Generation(tuple(GeneratedToken(token, 1.0) for token in tokens), finished=True)
    parsed = parse(raw_prompt(CAPTION), generation, vocabulary)
    assert parsed.text == 'An image of a dog'
    assert parsed.dropped == 0


@pytest.mark.parametrize('unknown', [-1, -5000, WordVocabulary().ids.size, 2**40])
def test_ids_that_are_no_tokens_are_left_out_and_counted(unknown: int) -> None:
    vocabulary = WordVocabulary()
    a_dog = vocabulary.encode('<phrase> a dog</phrase>')
    box = vocabulary.encode(f'<object>{A}{B}</object>')
    no_box = (*box[:2], unknown, *box[2:])
    tokens = (*a_dog[:2], unknown, *a_dog[2:], *no_box, *a_dog, *box)
    generation = Generation(tuple(GeneratedToken(one, 0.5) for one in tokens), finished=True)
    parsed = parse(raw_prompt(CAPTION), generation, vocabulary)
    assert parsed.text == 'An image of a dog a dog'
    assert boxes_of(parsed) == [('a dog', []), ('a dog', [SNOWMAN])]
    # Two ids, and what is left of the box: one cell in an object, one out of it, and its end.
    assert parsed.dropped == 5


@pytest.mark.parametrize('probability', [-0.1, 1.1, math.nan, math.inf])
def test_a_token_needs_a_probability(probability: float) -> None:
    with pytest.raises(ValueError, match=r'within 0\.\.1'):
        GeneratedToken(5, probability)


def test_an_empty_answer_leaves_the_prompt() -> None:
    parsed = read('')
    assert (parsed.text, parsed.phrases, parsed.dropped) == ('An image of', (), 0)
    assert parsed.without_prompt().text == ''


def test_white_space_is_outside_of_text_and_phrases() -> None:
    parsed = read(f'  \n<phrase>  a dog  </phrase> <object>{A}{B}</object>  ', '<grounding> x')
    assert parsed.text == 'x  \n  a dog'
    assert boxes_of(parsed) == [('a dog', [SNOWMAN])]


def test_other_scripts_keep_their_spans() -> None:
    parsed = read(f'<phrase> 雪だるま☃</phrase><object>{A}{B}</object> снег')
    assert parsed.text == 'An image of 雪だるま☃ снег'
    assert boxes_of(parsed) == [('雪だるま☃', [SNOWMAN])]


class SmallVocabulary:
    """A small vocabulary, which fails at ids beyond it."""

    ids = GrammarIds(
        bos=0,
        pad=1,
        eos=2,
        tags={tag: 10 + n for n, tag in enumerate(Tag)},
        first_cell=100,
        size=100 + CELL_COUNT,
    )
    words = (' a', ' dog', '<', '\u2603', ' ', '')

    def decode(self, token_ids: Sequence[int]) -> str:
        """Return the words of ids; some have none."""
        assert all(0 <= token < self.ids.size for token in token_ids)
        return ''.join(self.words[token - 3] for token in token_ids if token in range(3, 9))


token_ids = st.one_of(
    st.sampled_from(sorted(SmallVocabulary.ids.tags.values())),
    st.integers(100, 100 + CELL_COUNT - 1),
    st.sampled_from([100, 133, 166, 1123]),
    st.integers(0, 9),
    st.integers(-5, 70_000),
)
fuzzed_tokens = st.lists(
    st.builds(GeneratedToken, id=token_ids, probability=st.floats(0.0, 1.0)), max_size=40
)
openings = (CAPTION, '<grounding><phrase> a', '<phrase> x</phrase><object>')
prompts = st.sampled_from([Prompt(()), *map(raw_prompt, openings)])


@given(prompts, fuzzed_tokens)
def test_any_ids_parse_and_every_box_is_in_them(
    prompt: Prompt, tokens: list[GeneratedToken]
) -> None:
    vocabulary = SmallVocabulary()
    parsed = parse(prompt, Generation(tuple(tokens), finished=True), vocabulary)
    fill = (vocabulary.ids.bos, vocabulary.ids.pad)
    cells = [vocabulary.ids.cell_of(token.id) for token in tokens if token.id not in fill]
    written = {
        box_from_cells(first, second)
        for first, second in pairwise(cells)
        if first is not None and second is not None and is_upright(first, second)
    }
    for _, boxes in boxes_of(parsed):
        assert set(boxes) <= written
        assert len(set(boxes)) == len(boxes)
    starts = [phrase.start for phrase in parsed.phrases]
    assert starts == sorted(starts)
    assert parsed.text == parsed.text.strip()
    assert 0 <= parsed.dropped <= len(tokens) + 1
    boxes_of(parsed.without_prompt())


@given(fuzzed_tokens, fuzzed_tokens)
def test_a_sound_phrase_survives_whatever_stands_around_it(
    before: list[GeneratedToken], after: list[GeneratedToken]
) -> None:
    ids = SmallVocabulary.ids
    before = [token for token in before if token.id != ids.eos]
    tags = ids.tags
    sound = [tags[Tag.PHRASE], 4, tags[Tag.PHRASE_END], tags[Tag.OBJECT], 144, 963]
    sound.append(tags[Tag.OBJECT_END])
    tokens = (*before, *(GeneratedToken(token, 0.5) for token in sound), *after)
    parsed = parse(raw_prompt(CAPTION), Generation(tokens, finished=False), SmallVocabulary())
    assert any(SNOWMAN in boxes for name, boxes in boxes_of(parsed) if name == 'dog')
