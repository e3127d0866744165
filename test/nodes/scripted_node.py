# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The grounding node in a process of its own, with a scripted backend instead of a model.

    python scripted_node.py BEHAVIOUR --ros-args ...
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
import itertools
import math
import os
from pathlib import Path
import sys
import time

from kosmos_ros.backends.scripted import located, ScriptedBackend, ScriptedFrame
from kosmos_ros.core.errors import ModelLoadError
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.model.backend import GeneratedToken, Generation, Located, LocateQuery
from kosmos_ros.core.model.grammar import Prompt
from kosmos_ros.core.types import Box, ScoredBox
from kosmos_ros.nodes.grounding_node import main

LOCATED = {
    'the red cube': located('the red cube', Box(0.25, 0.25, 0.5, 0.75)),
    'the faint cube': located('the faint cube', Box(0.0, 0.0, 0.5, 0.5), existence=0.6),
    'the far cube': located('the far cube', Box(0.25, 0.25, 0.375, 0.5), existence=0.6),
}
GENERATED = {'<grounding> An image of': ' a table.'}
CUBE = ' <phrase>a red cube</phrase><object><patch_index_0000><patch_index_0099></object>'
WRITTEN = {
    '<grounding> An image of': f'{CUBE} and' + ' a word' * 10,
    '<grounding> Describe this image in detail:': f'{CUBE} and' + ' one more word' * 10000,
}


class DeafBackend(ScriptedBackend):
    """Hangs without ever asking whether it should stop."""

    def locate(self, *_: object) -> None:
        time.sleep(3600)


class SeeingBackend(ScriptedBackend):
    """Finds a thing that takes more of the image, and more surely, the brighter the image is."""

    def encode(self, images: Sequence[RgbImage]) -> tuple[ScriptedFrame, ...]:
        print(f'encoded {len(images)} together', flush=True)
        return super().encode(images)

    def locate(self, queries: Sequence[LocateQuery], *limits: object) -> tuple[Located, ...]:
        super().locate(queries, *limits)
        return tuple(self._see(query) for query in queries)

    def _see(self, query: LocateQuery) -> Located:
        brightness = float(query.frame.image[0, 0, 0]) / 255
        return located(query.phrase, Box(0.0, 0.0, brightness, 1.0), existence=brightness)


BABBLE = (
    f'{CUBE} {CUBE}',
    ' <phrase>a dog</phrase><object><patch_index_0099><patch_index_0000></object>',  # inverted
    '<patch_index_0001></object></phrase></delimiter_of_multi_objects/>',
    ' <phrase>a cup</phrase><object><patch_index_0000>',
)


class BabblingBackend(ScriptedBackend):
    """Says the colour in the middle of an image; of details, much that makes no sense."""

    def generate(self, frame: ScriptedFrame, prompt: Prompt, *limits: object) -> Generation:
        if 'detail' not in str(prompt):
            height, width = frame.image.shape[:2]
            colour = ' '.join(map(str, frame.image[height // 2, width // 2]))
            ids = self.vocabulary.encode(f' {colour}')
        else:
            ids = [*self.vocabulary.encode(BABBLE[0]), -1, 10**7]
            ids += [-(2**40), 2**40, *self.vocabulary.encode(''.join(BABBLE[1:]))]
        return Generation(tuple(GeneratedToken(one, 0.9) for one in ids), finished=True)


def scripted(**options: object) -> ScriptedBackend:
    return ScriptedBackend(located=LOCATED, generated=GENERATED, **options)


def in_turn(*makers: Callable[[], object]) -> Callable[[], object]:
    """Make one thing after the other, the last one again and again."""
    left = itertools.chain(makers[:-1], itertools.repeat(makers[-1]))

    def make() -> object:
        return next(left)()

    return make


def gated() -> ScriptedBackend:
    """Load when the file is there that the variable GATE names."""
    while not Path(os.environ['GATE']).exists():
        time.sleep(0.01)
    return scripted()


def broken() -> None:
    raise KeyError('weights')


def unloadable() -> None:
    raise ModelLoadError('/models/tabletop/model.safetensors is truncated')


def unsure() -> ScriptedBackend:
    """Make a backend that can tell of another place."""
    elsewhere = ScoredBox(Box(0.5, 0.0, 1.0, 1.0), 0.2, 'the cup')
    cup = replace(located('the cup', Box(0.0, 0.0, 0.4, 1.0)), alternatives=(elsewhere,))
    return ScriptedBackend({'the cup': cup})


BEHAVIOURS = {
    'quick': scripted,
    'slow': lambda: scripted(seconds=0.2),
    'writing': lambda: ScriptedBackend(LOCATED, WRITTEN, token_seconds=0.02),
    'seeing': SeeingBackend,
    'unsure': unsure,
    'babbling': BabblingBackend,
    'hanging': lambda: scripted(seconds=math.inf),
    'deaf': DeafBackend,
    'failing': lambda: scripted(errors=[RuntimeError('CUDA error'), MemoryError()]),
    'unloadable': unloadable,
    'loading': lambda: time.sleep(3600),
    'gated': gated,
    'broken at first': in_turn(unloadable, broken, scripted),
}


if __name__ == '__main__':
    make = BEHAVIOURS[sys.argv.pop(1)]
    sys.exit(main(make_backend=lambda _: make()))
