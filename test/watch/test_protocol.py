# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What a page sends is read, or refused with a sentence that tells why."""

from __future__ import annotations

from contextlib import suppress
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
import pytest

from kosmos_ros.core.types import Region, Task
from kosmos_ros.watch.protocol import (
    encode,
    encode_frame,
    Look,
    PageQuestion,
    parse,
    ProtocolError,
    Shown,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def ask(**fields: Any) -> str:
    """Make a question with some fields changed."""
    return json.dumps({'v': 1, 'type': 'ask', 'ask': 7, 'query': 'the mug', **fields})


def test_a_question_is_read() -> None:
    region = {'x': 1, 'y': 2, 'width': 30, 'height': 40}
    assert parse(ask(task='LOCATE', camera='front', region=region, min_score=0.5)) == PageQuestion(
        number=7,
        task=Task.LOCATE,
        query='the mug',
        camera='front',
        region=Region(1, 2, 30, 40),
        min_score=0.5,
    )
    assert parse(ask()) == PageQuestion(7, Task.AUTO, 'the mug', '', None, 0.0)


def test_what_is_looked_at_is_read() -> None:
    assert parse('{"v": 1, "type": "look", "cameras": ["a", "b", "a"]}') == Look(('a', 'b'))
    assert parse('{"v": 1, "type": "shown", "camera": "a"}') == Shown('a')


@pytest.mark.parametrize(
    ('text', 'complaint'),
    [
        ('{', 'expected a message in JSON'),
        ('[' * 100_000, 'expected a message in JSON'),
        ('[]', r'expected a JSON object, got \[\]'),
        ('{"type": "ask"}', 'version 1, got None: reload'),
        ('{"v": 1, "type": "jump"}', "got 'jump'"),
        ('{"v": 1, "type": "look"}', 'list of at most 32 names, got None'),
        ('{"v": 1, "type": "look", "cameras": [1]}', 'names'),
        (ask(ask='7'), "whole number, got '7'"),
        (ask(ask=True), 'whole number'),
        (ask(task='FLY'), "AUTO, LOCATE, .*, got 'FLY'"),
        (ask(query=5), 'query as text, got int'),
        (ask(query='x' * 1001), '1001 characters, the limit is 1000'),
        (ask(query='a\0b'), r'U\+0000'),
        (ask(query='\ud800'), r'U\+D800'),
        (ask(camera=['front']), 'camera must be printable text'),
        (ask(camera='\ud800'), 'camera must be printable text'),
        (ask(region='all'), "whole pixels, got 'all'"),
        (ask(region={'x': 1.5, 'y': 0, 'width': 1, 'height': 1}), 'whole pixels'),
        (ask(region={'x': 0, 'y': 0, 'width': 2**40, 'height': 1}), 'whole pixels'),
        (ask(region={'x': 0, 'y': 0, 'width': 0, 'height': 1}), 'width > 0'),
        (ask(min_score=2), r'within 0\.\.1, got 2'),
        (ask(min_score=10**400), r'within 0\.\.1, got 1000'),
        (ask(min_score=float('nan')), r'within 0\.\.1'),
        (ask(min_score=10**400), r'within 0\.\.1'),
        (ask(ask={'deep': json.loads('[' * 400 + ']' * 400)}), 'whole number'),
        (ask(min_score='high'), r'within 0\.\.1'),
    ],
)
def test_nonsense_is_refused_in_words(text: str, complaint: str) -> None:
    with pytest.raises(ProtocolError, match=complaint):
        parse(text)


def test_a_refusal_names_the_question() -> None:
    with pytest.raises(ProtocolError) as caught:
        parse(ask(task='FLY'))
    assert caught.value.ask == 7


FIELDS = st.sampled_from(
    ['v', 'type', 'ask', 'task', 'query', 'camera', 'region', 'min_score', 'cameras']
)
CHANGED = st.dictionaries(FIELDS | st.text(max_size=5), JSON, max_size=3).map(lambda d: ask(**d))


@given(st.text() | JSON.map(json.dumps) | CHANGED)
def test_nothing_else_is_ever_raised(text: str) -> None:
    with suppress(ProtocolError):
        parse(text)


def test_a_frame_is_its_header_and_its_picture() -> None:
    data = encode_frame({'camera': 'Küche', 'stamp': '5'}, b'\xff\xd8jpeg')
    length = int.from_bytes(data[:4], 'big')
    assert json.loads(data[4 : 4 + length]) == {
        'v': 1,
        'type': 'frame',
        'camera': 'Küche',
        'stamp': '5',
    }
    assert data[4 + length :] == b'\xff\xd8jpeg'


def test_numbers_that_json_lacks_are_never_sent() -> None:
    with pytest.raises(ValueError, match='JSON compliant'):
        encode('answer', score=float('nan'))
