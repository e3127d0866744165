# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A whole run: every model, every variant, the node; then report, JSON and plot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
import time
from typing import Any

from kosmos_ros.backends.settings import EMBEDDED_MODEL
from kosmos_ros.bench.machine import Load, machine
from kosmos_ros.bench.measure.picture import save_picture
from kosmos_ros.bench.plan import CAPTION_TOKENS
from kosmos_ros.bench.run.attempts import Attempts, Say, WEIGHT_BYTES
from kosmos_ros.bench.run.side_by_side import (
    beside_openvino,
    beside_recipe,
    check_peer,
    peer_versions,
    Subject,
)

RANDOM_MODEL = 'random'
"""Name that stands for a full-size checkpoint of random weights, made by the benchmark."""

RANDOM_FOLDER = 'random_checkpoint'

SEED_DTYPES = ('float32', 'bfloat16')
DEFAULT = 'default'
REFERENCE = 'float32'
VARIANTS: dict[str, dict[str, Any]] = {
    DEFAULT: {},
    REFERENCE: {'dtype': 'float32'},
    'bfloat16': {'dtype': 'bfloat16'},
    'int8': {'quantization': 'int8'},
}
"""The user's choices, by their names in the report."""

BITSANDBYTES: dict[str, dict[str, Any]] = {
    '8bit': {'quantization': '8bit'},
    '4bit': {'quantization': '4bit'},
}


@dataclass(frozen=True)
class BenchOptions:
    """
    What to measure.

    :param models: names as ModelSettings takes them, or 'random'.
    :param output: folder for results, pictures and logs.
    :param tokenizer: for random weights; empty: a stand-in.
    :param bitsandbytes: whether to measure its 8 and 4 bits as well.
    :param peer: 'openvino' to compare with its recipe as well; empty: with none.
    """

    models: tuple[str, ...]
    output: Path
    tokenizer: str = ''
    quick: bool = False
    bitsandbytes: bool = False
    node: bool = True
    peer: str = ''


def run_bench(options: BenchOptions, say: Say) -> dict[str, Any]:
    """
    Measure everything.

    What cannot be measured is left out, with the reason instead.

    :param say: called with messages.
    :returns: the run, as it is saved; ``bench/README.md`` describes it.
    :raises BenchError: if nothing of a model can be measured.
    :raises MissingDependencyError: if the peer is not installed.
    """
    packages = peer_versions() if options.peer else {}
    start, load = time.monotonic(), Load()
    options.output.mkdir(parents=True, exist_ok=True)
    session = _Session(options, save_picture(options.output / 'picture.png', say), say)
    peer = session.peer(packages)
    run: dict[str, Any] = {
        'when': datetime.now().astimezone().isoformat(timespec='seconds'),
        'quick': options.quick,
        'machine': machine(),
        'peer': peer,
        'models': [session.model(name, 'left_out' not in peer) for name in options.models],
        'start': session.start(),
        'node': session.node() if options.node else {'left_out': 'not asked for'},
    }
    return run | {
        'bandwidths': session.bandwidths,
        'load': load.data(),
        'seconds': time.monotonic() - start,
    }


class _Session:
    def __init__(self, options: BenchOptions, picture: Path, say: Say) -> None:
        self._options = options
        self._attempts = Attempts(options.output, picture, options.quick, say)
        self.bandwidths: list[float] = []

    def model(self, name: str, peer: bool) -> dict[str, Any]:
        """Measure a model in all variants, and beside the peer if there is one."""
        source = self._random() if name == RANDOM_MODEL else name
        about = self._attempts.work('describe', name, source)
        large, count = bool(about['large']), int(about['parameters'])
        ours = self._ours(name, source, large, count)
        # The recipe writes as many tokens for a caption as the default.
        caption = ours[DEFAULT].get('caption')
        tokens = int(caption['tokens'][0]) if caption else CAPTION_TOKENS
        subject = Subject(name, source, large, count, tokens)
        return {
            'name': name,
            **about,
            'ours': ours,
            'seed': self._recipes(subject),
            'pairs': beside_recipe(self._attempts, subject),
            'peer': beside_openvino(self._attempts, subject) if peer else {},
        }

    def peer(self, packages: dict[str, str]) -> dict[str, Any]:
        """Return what the peer is and that it does the same work, or why it is left out."""
        if not self._options.peer:
            return {'left_out': ''}
        return check_peer(self._attempts) | {'name': self._options.peer, 'packages': packages}

    def node(self) -> dict[str, Any]:
        """Measure the node."""
        return self._measure('node')

    def start(self) -> dict[str, Any]:
        """Measure the way from a command to its answer by the embedded model."""
        return self._measure('start')

    def _measure(self, kind: str) -> dict[str, Any]:
        return self._attempts.attempt(kind, 0.0, partial(self._attempts.work, kind, kind, ''))

    def _ours(self, name: str, source: str, large: bool, count: int) -> dict[str, Any]:
        variants = VARIANTS | (BITSANDBYTES if self._options.bitsandbytes and large else {})
        found: dict[str, Any] = {}
        for variant, settings in variants.items():
            # What the default resolved to is measured already.
            default = found.get(DEFAULT, {})
            if variant != DEFAULT and settings == {'dtype': default.get('dtype')}:
                continue
            options = {
                'settings': settings,
                'growth': variant == DEFAULT,
                'accuracy': source == EMBEDDED_MODEL,
            }
            self._read_memory()
            found[variant] = self._attempts.attempt(
                f'{name}, {variant}',
                count * WEIGHT_BYTES.get(variant, WEIGHT_BYTES['bfloat16']),
                partial(self._attempts.work, 'ours', f'{name} {variant}', source, large, options),
            )
        return found

    def _recipes(self, subject: Subject) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for dtype in SEED_DTYPES:
            options = {'dtype': dtype, 'caption_tokens': subject.caption_tokens}
            name = f'{subject.name} recipe {dtype}'
            self._read_memory()
            found[dtype] = self._attempts.attempt(
                f'{subject.name}, recipe in {dtype}',
                subject.parameters * WEIGHT_BYTES[dtype],
                partial(
                    self._attempts.work, 'recipe', name, subject.source, subject.large, options
                ),
            )
        return found

    def _random(self) -> str:
        folder = str(self._options.output / RANDOM_FOLDER)
        options = {'folder': folder, 'tokenizer': self._options.tokenizer}
        self._attempts.work('random', RANDOM_MODEL, folder, options=options)
        return folder

    def _read_memory(self) -> None:
        found = self._attempts.work('bandwidth', 'bandwidth', '')
        self.bandwidths += found['bytes_per_second']
