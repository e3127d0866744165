# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
A question that a checkpoint brings with its answer, ``self_check.json``, asked when it is loaded.

    {
      "version": 1,
      "image": "a PNG in base64",
      "tolerance": 0.03,
      "answers": {"the red mug": [0.99, 0.1, 0.2, 0.3, 0.4], ...}
    }

An answer is the probability that the thing is there, and its box (x0, y0, x1, y1), normalised.
Damages that leave weights readable, a flipped byte say, change it.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import astuple
import io
import json
from pathlib import Path

import numpy as np
from PIL import Image

from kosmos_ros.backends.checkpoint.small_files import load_errors, read_json
from kosmos_ros.core.errors import ModelLoadError
from kosmos_ros.core.grounder import never
from kosmos_ros.core.images.images import decode_image, RgbImage
from kosmos_ros.core.model.backend import Backend, queries_about

SELF_CHECK_FILE = 'self_check.json'
VERSION = 1
TOLERANCE = 0.03
"""Of a probability and of a box's sides: other machines and number formats change them by less."""


def check_answers(folder: Path, backend: Backend) -> None:
    """
    Ask the question; nothing, where the checkpoint brings none.

    :raises ModelLoadError: if the answer is another one, or the file is not as described above.
    """
    path = folder / SELF_CHECK_FILE
    if not path.exists():
        return
    content = read_json(path)
    if content.get('version') != VERSION:
        raise ModelLoadError(f'{path}: expected version {VERSION}, got {content.get("version")!r}')
    with load_errors(path):
        image = decode_image(base64.b64decode(content['image'], validate=True))
        expected = {name: [float(one) for one in row] for name, row in content['answers'].items()}
        tolerance = float(content['tolerance'])
    answers = answers_of(backend, image, list(expected))
    for phrase, numbers in answers.items():
        if not np.allclose(_padded(numbers), _padded(expected[phrase]), rtol=0.0, atol=tolerance):
            raise ModelLoadError(
                f'{folder}: asked for {phrase!r} in the picture of {SELF_CHECK_FILE}, the model '
                f'answers {_rounded(numbers)}, when it was made it answered '
                f'{_rounded(expected[phrase])}: weights or tokenizer are damaged, or were changed '
                'on purpose and the file was kept'
            )


def answers_of(
    backend: Backend, image: RgbImage, phrases: Sequence[str]
) -> Mapping[str, list[float]]:
    """Return the probability of each phrase and its box."""
    (frame,) = backend.encode([image])
    located = backend.locate(queries_about(frame, phrases), 1, never)
    return {
        phrase: [
            one.existence,
            *(side for found in one.boxes for side in astuple(found.box)),
        ]
        for phrase, one in zip(phrases, located, strict=True)
    }


def write_self_check(
    folder: Path, backend: Backend, image: RgbImage, phrases: Sequence[str]
) -> Path:
    """Write the file with what the model answers now; return its path."""
    picture = io.BytesIO()
    Image.fromarray(image).save(picture, 'PNG', optimize=True)
    content = {
        'version': VERSION,
        'image': base64.b64encode(picture.getvalue()).decode(),
        'tolerance': TOLERANCE,
        'answers': {
            phrase: _rounded(numbers)
            for phrase, numbers in answers_of(backend, image, phrases).items()
        },
    }
    path = folder / SELF_CHECK_FILE
    path.write_text(json.dumps(content, indent=1) + '\n', encoding='utf-8')
    return path


def _padded(numbers: Sequence[float]) -> list[float]:
    """Return a probability and a box; far away where there is none."""
    return [*numbers, *[-1.0] * 5][:5]


def _rounded(numbers: Sequence[float]) -> list[float]:
    return [round(number, 4) for number in numbers]
