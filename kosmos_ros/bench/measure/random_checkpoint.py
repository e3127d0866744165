# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
A full-size KOSMOS-2 of random weights: its answers are meaningless, its cost is real.

The stock configuration (1.66 billion parameters) in bfloat16, 3.3 GB, made once and kept.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
import json
from pathlib import Path
import shutil
import string
import tempfile
from typing import Any

import torch
from transformers import (
    CLIPImageProcessorPil,
    Kosmos2Config,
    Kosmos2ForConditionalGeneration,
    Kosmos2Processor,
    XLMRobertaTokenizer,
)

from kosmos_ros.backends.checkpoint.files import find_checkpoint
from kosmos_ros.bench.machine import available_memory, BenchError
from kosmos_ros.bench.plan import PHRASES
from kosmos_ros.core.errors import ModelLoadError

NOTE = 'bench_note.json'
"""File beside the weights that says how the checkpoint was made."""

_BFLOAT16 = 2
_SPARE = 1 << 30
_SEED = 0

_ATTENTION = 4.0
"""Factor on the weights of queries and keys. As they are drawn, all tokens attend to all others
nearly alike, and every phrase gets the same box: precisions could not be compared by it."""

ENTRIES = 65037
"""Of the published tokenizer, with tags and location tokens."""

_PIECES = 64002
"""Of those without tags and location tokens."""

_SPECIAL = [(piece, 0.0) for piece in ('<s>', '<pad>', '</s>', '<unk>')]
_MASK = ('<mask>', 0.0)
_WORDS = 'An image of Describe this in detail Question Answer What is It a'


def random_checkpoint(
    folder: Path, tokenizer: str, say: Callable[[str], None], config: Kosmos2Config | None = None
) -> Path:
    """
    Return a checkpoint of random weights; made if it does not exist yet.

    :param folder: where it is kept; may be deleted at any time.
    :param tokenizer: a folder, a hub id, a sentencepiece file, or nothing for a stand-in.
    :param config: of the model, the published one by default.
    :raises BenchError: if disk or memory are too small, or the tokenizer is not available.
    """
    made = {'tokenizer': tokenizer, 'attention': _ATTENTION}
    if made.items() <= _note(folder).items():
        return folder
    config = config or Kosmos2Config()
    with torch.device('meta'):
        empty = Kosmos2ForConditionalGeneration(config)
    size = _BFLOAT16 * sum(weights.numel() for weights in empty.parameters())
    folder.parent.mkdir(parents=True, exist_ok=True)
    _require('disk space', shutil.disk_usage(folder.parent).free, size, folder)
    _require('memory', available_memory(), size, folder)
    chosen, note = make_tokenizer(tokenizer)
    side = config.vision_config.image_size
    images = CLIPImageProcessorPil(size={'height': side, 'width': side}, do_center_crop=False)
    processor = Kosmos2Processor(images, chosen)
    say(f'making a checkpoint of random weights in {folder}, once ({size / 1e9:.1f} GB)')
    with tempfile.TemporaryDirectory(dir=folder.parent) as unfinished:
        _random_model(config).save_pretrained(unfinished)
        processor.save_pretrained(unfinished)
        text = json.dumps(made | {'note': f'random weights, {note}'})
        Path(unfinished, NOTE).write_text(text + '\n', encoding='utf-8')
        if folder.exists():
            shutil.rmtree(folder)
        shutil.copytree(unfinished, folder, copy_function=shutil.move)
    return folder


def checkpoint_note(folder: Path) -> str:
    """Return how a random checkpoint was made; empty for any other."""
    return str(_note(folder).get('note', ''))


def _note(folder: Path) -> dict[str, Any]:
    try:
        note: dict[str, Any] = json.loads((folder / NOTE).read_text(encoding='utf-8'))
    except FileNotFoundError:
        return {}
    return note


def _random_model(config: Kosmos2Config) -> Kosmos2ForConditionalGeneration:
    torch.manual_seed(_SEED)
    usual = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16)
    try:
        model = Kosmos2ForConditionalGeneration(config)
    finally:
        torch.set_default_dtype(usual)
    with torch.no_grad():
        for layer in model.text_model.model.layers:
            layer.self_attn.q_proj.weight.mul_(_ATTENTION)
            layer.self_attn.k_proj.weight.mul_(_ATTENTION)
    return model


def _require(what: str, free: int, size: int, folder: Path) -> None:
    needed = size + _SPARE
    if free < needed:
        raise BenchError(
            f'{folder} needs {needed / 1e9:.1f} GB of {what} to be made, '
            f'{free / 1e9:.1f} GB are free'
        )


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
