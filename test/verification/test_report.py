# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A verification in a terminal and as data."""

from __future__ import annotations

import json

from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.verification.report import data, lines

from .conftest import one_word_else, PublishedBackend, Verify


def test_every_row_says_as_published(verify_model: Verify, snow: RgbImage) -> None:
    head, rule, *others = lines(verify_model(PublishedBackend(snow)))
    assert head.split() == [
        *('asked', 'picture', 'tokens', 'text', 'entities', 'boxes', 'seconds', 'result')
    ]
    assert set(rule) == {'-'}
    assert all(line.endswith('as published') for line in others[:11])
    assert others[11] == ''
    assert 'peak memory 7.0 GB' in others
    assert 'somebody/model: as published: all 11 answers, token by token.' in others


def test_the_first_difference_is_told_below_its_row(verify_model: Verify, snow: RgbImage) -> None:
    told = list(lines(verify_model(PublishedBackend(snow, written=one_word_else))))
    (row,) = [number for number, line in enumerate(told) if 'differs at token' in line]
    assert told[row].startswith('detailed caption')
    assert "published ' cozy', here ' snug' (probability 0.90)" in told[row + 1]


def test_data_hold_both_answers_and_the_first_difference(
    verify_model: Verify, snow: RgbImage
) -> None:
    result = verify_model(PublishedBackend(snow, written=one_word_else))
    content = json.loads(json.dumps(data(result)))
    assert content['as_published'] == 10
    (other,) = [one for one in content['answers'] if not one['as_published']]
    assert other['here'] == other['published'].replace('cozy', 'snug')
    assert other['first_difference']['here'] == ' snug'
    assert content['seconds']['load'] == 1.5
