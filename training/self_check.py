# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Gives a model its own test question: ``python -m training.self_check --model FOLDER``.

It is about a simulated table, with what the model answers now; it is asked whenever the model is
loaded, so that damaged weights are noticed. See ``kosmos_ros.backends.checkpoint.self_check``.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import cv2

from kosmos_ros.backends.checkpoint.files import write_checksums
from kosmos_ros.backends.checkpoint.self_check import SELF_CHECK_FILE, write_self_check
from kosmos_ros.backends.factory import load_backend
from kosmos_ros.sim.rendering.frame import is_nameable
from kosmos_ros.sim.rendering.renderer import TabletopRenderer
from kosmos_ros.sim.scenes.scene import sample_scene

SEED = 7
SIDES = (128, 96)
"""Pixels, enough for a model that sees 224: the file is read at every load."""

MOST_PHRASES = 4


def main(argv: Sequence[str] | None = None) -> None:
    """Read the command line and write the question."""
    parser = argparse.ArgumentParser(
        prog='python -m training.self_check', description='Give a model its own test question.'
    )
    parser.add_argument('--model', type=Path, required=True, help='folder of the model')
    arguments = parser.parse_args(argv)
    (arguments.model / SELF_CHECK_FILE).unlink(missing_ok=True)
    write_checksums(arguments.model)
    with TabletopRenderer() as renderer:
        frame = renderer.render(sample_scene(SEED))
    image = cv2.resize(frame.rgb, SIDES, interpolation=cv2.INTER_AREA)
    phrases = [f'the {thing.name}' for thing in frame.objects if is_nameable(thing)][:MOST_PHRASES]
    backend = load_backend(arguments.model, device='cpu', dtype='float32')
    print(f'saved {write_self_check(arguments.model, backend, image, phrases)}')
    write_checksums(arguments.model)


if __name__ == '__main__':
    main()
