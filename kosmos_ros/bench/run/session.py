# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A whole run: every model, every variant, the node; then report, JSON and plot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
import time
from types import MappingProxyType
from typing import Any

from kosmos_ros.backends.settings import EMBEDDED_MODEL
from kosmos_ros.bench.jobs import run_job, WorkerJob
from kosmos_ros.bench.machine import available_memory, BenchError, Load, machine
from kosmos_ros.bench.measure.picture import save_picture
from kosmos_ros.bench.plan import CAPTION_TOKENS, make_plan
from kosmos_ros.bench.run.pairs import measure_pairs
from kosmos_ros.bench.run.resident import Resident

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

_BYTES = {'float32': 4.0, 'bfloat16': 2.0}
_MEMORY_FACTOR = 1.3
"""Activations, and what loading takes besides the weights."""

_SPARE_MEMORY = 1 << 30

Say = Callable[[str], None]


@dataclass(frozen=True)
class BenchOptions:
    """
    What to measure.

    :param models: names as ModelSettings takes them, or 'random'.
    :param output: folder for results, pictures and logs.
    :param tokenizer: for random weights; empty: a stand-in.
    :param bitsandbytes: whether to measure its 8 and 4 bits as well.
    """

    models: tuple[str, ...]
    output: Path
    tokenizer: str = ''
    quick: bool = False
    bitsandbytes: bool = False
    node: bool = True


def run_bench(options: BenchOptions, say: Say) -> dict[str, Any]:
    """
    Measure everything.

    What cannot be measured is left out, with the reason instead.

    :param say: called with messages.
    :returns: the run, as it is saved; ``bench/README.md`` describes it.
    :raises BenchError: if nothing of a model can be measured.
    """
    start, load = time.monotonic(), Load()
    options.output.mkdir(parents=True, exist_ok=True)
    session = _Session(options, save_picture(options.output / 'picture.png', say), say)
    run: dict[str, Any] = {
        'when': datetime.now().astimezone().isoformat(timespec='seconds'),
        'quick': options.quick,
        'machine': machine(),
        'models': [session.model(name) for name in options.models],
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
        self._picture = str(picture)
        self._say = say
        self.bandwidths: list[float] = []

    def model(self, name: str) -> dict[str, Any]:
        """Measure a model in all variants."""
        source = self._random() if name == RANDOM_MODEL else name
        about = self._work('describe', name, source)
        large = bool(about['large'])
        variants = VARIANTS | (BITSANDBYTES if self._options.bitsandbytes and large else {})
        ours: dict[str, Any] = {}
        seed: dict[str, Any] = {}
        for variant, settings in variants.items():
            # What the default resolved to is measured already.
            default = ours.get(DEFAULT, {})
            if variant != DEFAULT and settings == {'dtype': default.get('dtype')}:
                continue
            options = {
                'settings': settings,
                'growth': variant == DEFAULT,
                'accuracy': source == EMBEDDED_MODEL,
            }
            self._read_memory()
            ours[variant] = self._attempt(
                f'{name}, {variant}',
                about['parameters'] * _BYTES.get(variant, _BYTES['bfloat16']),
                partial(self._work, 'ours', f'{name} {variant}', source, large, options),
            )
        # The recipe writes as many tokens for a caption as the default.
        caption = ours[DEFAULT].get('caption')
        tokens = int(caption['tokens'][0]) if caption else CAPTION_TOKENS
        for dtype in SEED_DTYPES:
            options = {'dtype': dtype, 'caption_tokens': tokens}
            self._read_memory()
            seed[dtype] = self._attempt(
                f'{name}, recipe in {dtype}',
                about['parameters'] * _BYTES[dtype],
                partial(self._work, 'recipe', f'{name} recipe {dtype}', source, large, options),
            )
        pairs = self._pairs(name, source, large, about['parameters'], tokens)
        return {'name': name, **about, 'ours': ours, 'seed': seed, 'pairs': pairs}

    def _pairs(
        self, name: str, source: str, large: bool, count: int, tokens: int
    ) -> dict[str, Any]:
        """Ask the recipe in bfloat16 and the default precision in turn."""
        options = {'dtype': 'bfloat16', 'settings': VARIANTS[DEFAULT], 'caption_tokens': tokens}
        recipe, ours = (
            Resident(self._job(kind, source, large, options), f'{_safe(name)}_{kind}_in_turn')
            for kind in ('recipe', 'ours')
        )

        def leave() -> None:
            recipe.close()
            ours.close()

        def work() -> dict[str, Any]:
            with recipe, ours:
                rounds = make_plan(self._options.quick, large).rounds
                return measure_pairs(recipe.ask, ours.ask, rounds, None if fit else leave)

        weights = count * _BYTES['bfloat16']
        fit = 2 * weights * _MEMORY_FACTOR + _SPARE_MEMORY <= available_memory()
        return self._attempt(f'{name}, recipe and default in turn', weights, work)

    def node(self) -> dict[str, Any]:
        """Measure the node."""
        return self._attempt('node', 0.0, partial(self._work, 'node', 'node', ''))

    def start(self) -> dict[str, Any]:
        """Measure the way from a command to its answer by the embedded model."""
        return self._attempt('start', 0.0, partial(self._work, 'start', 'start', ''))

    def _random(self) -> str:
        folder = str(self._options.output / RANDOM_FOLDER)
        options = {'folder': folder, 'tokenizer': self._options.tokenizer}
        self._work('random', RANDOM_MODEL, folder, options=options)
        return folder

    def _read_memory(self) -> None:
        self.bandwidths += self._work('bandwidth', 'bandwidth', '')['bytes_per_second']

    def _attempt(
        self, what: str, weights: float, work: Callable[[], dict[str, Any]]
    ) -> dict[str, Any]:
        """Measure, or return why not: so many bytes of weights may not fit into memory."""
        self._say(f'{what} ...')
        needed, free = weights * _MEMORY_FACTOR + _SPARE_MEMORY, available_memory()
        reason = f'it takes about {needed / 1e9:.1f} GB of memory, {free / 1e9:.1f} GB are free'
        if needed <= free:
            try:
                return work()
            except BenchError as error:
                reason = str(error)
        self._say(f'left out: {reason}')
        return {'left_out': reason}

    def _work(
        self,
        kind: str,
        name: str,
        model: str,
        large: bool = False,
        options: Mapping[str, Any] = MappingProxyType({}),
    ) -> dict[str, Any]:
        job = self._job(kind, model, large, options)
        return run_job(job, _safe(name), lambda words: self._say(f'  {words}'))

    def _job(self, kind: str, model: str, large: bool, options: Mapping[str, Any]) -> WorkerJob:
        return WorkerJob(
            kind=kind,
            folder=str(self._options.output),
            model=model,
            quick=self._options.quick,
            large=large,
            options={'picture': self._picture, **options},
        )


def _safe(name: str) -> str:
    """Return a name for files."""
    return ''.join(letter if letter.isalnum() else '_' for letter in name)
