# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The stand-in has the published tokenizer's size and splits as it does."""

from __future__ import annotations

from pathlib import Path

import pytest
from transformers import CLIPImageProcessorPil, Kosmos2Processor

from kosmos_ros.backends.kosmos2.vocabulary import Kosmos2Vocabulary
from kosmos_ros.bench.machine import BenchError
from kosmos_ros.bench.measure.tokenizers import ENTRIES, make_tokenizer
from kosmos_ros.bench.plan import PHRASES


def vocabulary(source: str) -> tuple[Kosmos2Vocabulary, str]:
    tokenizer, note = make_tokenizer(source)
    return Kosmos2Vocabulary(Kosmos2Processor(CLIPImageProcessorPil(), tokenizer), 64), note


def test_the_stand_in_is_as_large_and_says_what_it_is() -> None:
    found, note = vocabulary('')
    assert len(found) == ENTRIES
    assert 'stand-in' in note
    for phrase in PHRASES:
        assert len(found.encode_text(f' {phrase}')) == 3


def test_the_published_vocabulary_is_read_from_its_file(kosmos2_material: Path) -> None:
    pytest.importorskip('google.protobuf', reason='reading a sentencepiece file needs protobuf')
    found, note = vocabulary(str(kosmos2_material / 'sentencepiece.bpe.model'))
    assert len(found) == ENTRIES
    assert note == 'published tokenizer'
    assert found.encode_text(' An image of') == (712, 1648, 9)


def test_a_folder_lends_its_tokenizer(embedded: Path) -> None:
    found, note = vocabulary(str(embedded))
    assert len(found) < ENTRIES
    assert str(embedded) in note


def test_what_is_no_tokenizer_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / 'pieces.model'
    broken.write_bytes(b'\xff\xff not a model')
    for source in (str(tmp_path), str(broken), 'nobody/nothing'):
        with pytest.raises(BenchError):
            make_tokenizer(source)
