# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The argument for pictures that are not upright, shared by commands."""

from __future__ import annotations

from argparse import ArgumentParser

from kosmos_ros.core.types import ROTATIONS


def add_rotation_argument(parser: ArgumentParser) -> None:
    """Declare --rotation."""
    parser.add_argument(
        '--rotation',
        type=int,
        default=0,
        choices=ROTATIONS,
        help='degrees by which pictures have to be turned clockwise to be upright: 90 if the top '
        'of things points to the left, 180 if down, 270 if to the right; regions and boxes stay '
        'those of the pictures as they are (default: %(default)s)',
    )
