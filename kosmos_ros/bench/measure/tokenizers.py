# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The published tokenizer for random weights, or a stand-in of the same size."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
import string
from typing import Any

from transformers import Kosmos2Processor, XLMRobertaTokenizer

from kosmos_ros.backends.checkpoint.files import find_checkpoint
from kosmos_ros.bench.machine import BenchError
from kosmos_ros.bench.plan import PHRASES
from kosmos_ros.core.errors import ModelLoadError

ENTRIES = 65037
"""Of the published tokenizer, with tags and location tokens."""

_PIECES = 64002
"""Of those without tags and location tokens."""

_SPECIAL = [(piece, 0.0) for piece in ('<s>', '<pad>', '</s>', '<unk>')]
_MASK = ('<mask>', 0.0)
_WORDS = 'An image of Describe this in detail Question Answer What is It a'


def make_tokenizer(source: str) -> tuple[Any, str]:
    """
    Return a tokenizer and its origin.

    :param source: a folder or hub id with a KOSMOS-2 tokenizer, a sentencepiece file, or nothing.
    :raises BenchError: if it is not available.
    """
    if not source:
        return _stand_in(), f'stand-in tokenizer of {ENTRIES} entries (changes no time)'
    if Path(source).is_file():
        return _from_sentencepiece(Path(source)), 'published tokenizer'
    try:
        processor = Kosmos2Processor.from_pretrained(
            find_checkpoint(source), backend='pil', local_files_only=True
        )
    except (ModelLoadError, OSError, ValueError) as error:
        raise BenchError(f'no tokenizer can be had from {source}: {error}') from error
    return processor.tokenizer, f'tokenizer of {source}'


def _stand_in() -> Any:
    """Make a tokenizer that splits the questions asked here into words, as the published one."""
    words = dict.fromkeys([*_WORDS.split(), *' '.join(PHRASES).split()])
    characters = [(piece, -20.0) for piece in dict.fromkeys(string.printable.strip() + '▁')]
    known = [*characters, *((f'▁{word}', -5.0) for word in words)]
    left = _PIECES - len(_SPECIAL) - len(known) - 1
    filler = [(f'▁piece{index}', -15.0) for index in range(left)]
    return XLMRobertaTokenizer(vocab=[*_SPECIAL, *known, *filler, _MASK])


def _from_sentencepiece(path: Path) -> Any:
    try:
        protos: Any = import_module('sentencepiece.sentencepiece_model_pb2')
    except ImportError as error:
        raise BenchError(
            f'reading {path} needs sentencepiece and protobuf: pip install sentencepiece protobuf'
        ) from error
    proto = protos.ModelProto()
    try:
        proto.ParseFromString(path.read_bytes())
    # Its own class needs protobuf, which varies between versions.
    except Exception as error:
        raise BenchError(f'{path} is no sentencepiece model: {error}') from error
    pieces = [(piece.piece, piece.score) for piece in proto.pieces[3:]]
    return XLMRobertaTokenizer(
        vocab=[*_SPECIAL, *pieces, _MASK],
        _spm_precompiled_charsmap=proto.normalizer_spec.precompiled_charsmap,
    )
