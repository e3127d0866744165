# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
What it costs to have the model, and the decoding of pictures, in processes of their own.

    python -m scripts.measure_isolation
    python -m scripts.measure_isolation --repeats 50 --model /path/to/checkpoint

Each question is put to a model in this process and to one in another, in turn, so that whatever
else the machine does affects both alike. Every image is new.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from statistics import median
import sys
import time

import cv2
import numpy as np

from kosmos_ros.backends.factory import make_backend
from kosmos_ros.backends.scripted import instant_backend
from kosmos_ros.backends.settings import EMBEDDED_MODEL, ModelSettings
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.images.bit_depth import BitDepth
from kosmos_ros.core.images.compressed_images import rgb_from_compressed
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.types import GroundingRequest, Task
from kosmos_ros.isolation.isolated_model import FACTORY, IsolatedModel
from kosmos_ros.isolation.pictures import PictureProcess

SIZES = ((640, 480), (1920, 1080))
REQUEST = GroundingRequest('the red cube', Task.LOCATE)


@dataclass
class _Compressed:
    format: str
    data: bytes


def picture(width: int, height: int) -> RgbImage:
    """Return a picture that compresses about as well as those of a camera."""
    rough = np.random.default_rng(0).integers(0, 256, (height // 16, width // 16, 3), np.uint8)
    return np.asarray(cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def seconds(work: Callable[[], object]) -> float:
    """Return how long it takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def compare(
    name: str, here: Callable[[], object], there: Callable[[], object], repeats: int
) -> None:
    """Do both in turn, and print the medians in milliseconds."""
    for work in (here, there) * 3:
        work()
    pairs = [(seconds(here), seconds(there)) for _ in range(repeats)]
    one, other = (1000 * median(times) for times in zip(*pairs, strict=True))
    more = 1000 * median(there - here for here, there in pairs)
    print(f'| {name} | {one:.2f} | {other:.2f} | {more:+.2f} |', flush=True)


def main() -> int:
    """Measure."""
    parser = ArgumentParser(description=__doc__.partition('\n\n')[0].strip())
    parser.add_argument('--model', default=EMBEDDED_MODEL)
    parser.add_argument('--repeats', type=int, default=200)
    arguments = parser.parse_args()
    settings = ModelSettings(arguments.model)
    print('| milliseconds | in the same process | in another | difference |\n|---|---|---|---|')
    models = (
        (
            'a model that takes no time',
            instant_backend,
            'kosmos_ros.backends.scripted:instant_backend',
        ),
        (f'the model {arguments.model}', make_backend, FACTORY),
    )
    for name, make, factory in models:
        with closing(IsolatedModel(settings, factory)) as isolated:
            here, there = Grounder(make(settings)), Grounder(isolated.load())
            for width, height in SIZES:
                image = picture(width, height)
                compare(
                    f'{name}, {width}x{height}',
                    partial(here.ground, image, REQUEST),
                    partial(there.ground, image, REQUEST),
                    arguments.repeats,
                )
    with closing(PictureProcess()) as decode:
        for width, height in SIZES:
            data = cv2.imencode('.jpg', picture(width, height))[1].tobytes()
            message = _Compressed('jpeg', data)
            compare(
                f'a JPEG, {width}x{height}',
                partial(rgb_from_compressed, message, BitDepth()),
                partial(decode, message, BitDepth()),
                arguments.repeats,
            )
    return 0


if __name__ == '__main__':
    sys.exit(main())
