# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Arguments of ``kosmos-ros eval`` and ``kosmos-ros calibrate`` that choose the data."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kosmos_ros.core.errors import InvalidRequestError

TABLETOP, FLICKR30K, COCO, BAG = 'tabletop', 'flickr30k', 'coco', 'bag'
REFCOCO = ('refcoco', 'refcoco+', 'refcocog')
DATA_SETS = (TABLETOP, *REFCOCO, FLICKR30K, COCO, BAG)

OWN, PAPER = 'own', 'paper'
"""Protocols."""

BOXES, MODEL = 'boxes', 'model'
"""Who judges relations."""

OUTPUT = Path('eval_output')

SCENES = 500

FIT_SEED = 60_000
"""Of the first scene that a calibration is fitted on."""

# Which arguments mean something for which data sets.
_FOR = {
    'scenes': (TABLETOP,),
    'seed': (TABLETOP,),
    'level': (TABLETOP,),
    'folder': (*REFCOCO, FLICKR30K, COCO, BAG),
    'images': (*REFCOCO, FLICKR30K, COCO),
    'split': (*REFCOCO, FLICKR30K, COCO),
    'split_by': REFCOCO,
    'limit': (*REFCOCO, FLICKR30K, COCO),
    'texts': (*REFCOCO, FLICKR30K, COCO),
    'topic': (BAG,),
    'query': (BAG,),
}

_EXTENT = frozenset(('scenes', 'seed', 'level', 'limit'))
"""Which items are asked about: their answers stay right when more are wanted."""


def add_data_arguments(parser: ArgumentParser) -> None:
    """Declare the data set and its arguments."""
    add_data_argument(parser, DATA_SETS)
    scenes = parser.add_argument_group('simulated scenes (tabletop)')
    scenes.add_argument(
        '--scenes', type=int, metavar='N', help=f'how many of each level (default: {SCENES})'
    )
    scenes.add_argument('--seed', type=int, help='of the first scene (default: 0)')
    scenes.add_argument(
        '--level',
        metavar='NAMES',
        help='levels, separated by commas: standard, few, some, many, occlusion, textures, '
        'lights, cameras, far, wide, pairs, jpeg, blurred, noisy, moving, coarse, dim, bright, '
        'swapped; all: those up to pairs; changes: the rest, which have the images of standard, '
        'changed (default: standard)',
    )
    add_photo_arguments(parser, 'the data set, or the bag,')
    bags = parser.add_argument_group('recordings (bag)')
    bags.add_argument('--topic', help='of a bag with several image topics')
    bags.add_argument('--query', help='what to ask about each image (default: describe it)')


def add_data_argument(parser: ArgumentParser, data_sets: Sequence[str]) -> None:
    """Declare which data set it is."""
    parser.add_argument(
        'data',
        nargs='?',
        default=TABLETOP,
        choices=data_sets,
        metavar='DATA',
        help=f'{", ".join(data_sets)} (default: %(default)s)',
    )


def add_photo_arguments(parser: ArgumentParser, what: str = 'the data set') -> None:
    """Declare the arguments of data sets from a folder, where ``what`` is."""
    photos = parser.add_argument_group('data sets from a folder')
    photos.add_argument('--folder', type=Path, help=f'where {what} is')
    photos.add_argument(
        '--images', type=Path, metavar='FOLDER', help='where its images are, if not in there'
    )
    photos.add_argument(
        '--split',
        help='val, testA, testB or test (default: val of RefCOCO, test of Flickr30k; COCO: '
        'as in instances_SPLIT.json)',
    )
    photos.add_argument(
        '--split-by',
        choices=('unc', 'umd', 'google'),
        help='who made the splits of RefCOCO (default: unc, of RefCOCOg umd)',
    )
    photos.add_argument('--limit', type=int, metavar='N', help='only the first N images')


def check_data_arguments(arguments: Namespace) -> None:
    """
    Refuse arguments of other data sets.

    :raises InvalidRequestError: if there is one, or a required one is missing.
    """
    for name, data_sets in _FOR.items():
        given = getattr(arguments, name, None) is not None
        if given and arguments.data not in data_sets:
            raise InvalidRequestError(
                f'--{name.replace("_", "-")} is for {", ".join(data_sets)}, not for '
                f'{arguments.data}'
            )
    if arguments.data != TABLETOP and arguments.folder is None:
        raise InvalidRequestError(f'{arguments.data} needs --folder, where its files are')
    if arguments.limit is not None and arguments.limit < 1:
        raise InvalidRequestError(f'--limit must be 1 or more, got {arguments.limit}')
    if getattr(arguments, 'protocol', OWN) == PAPER and arguments.data not in (
        *REFCOCO,
        FLICKR30K,
    ):
        raise InvalidRequestError(
            f'the protocol of the paper is for {", ".join((*REFCOCO, FLICKR30K))}, not for '
            f'{arguments.data}'
        )


def data_settings(arguments: Namespace, with_extent: bool) -> dict[str, Any]:
    """Return what is asked about, in types of JSON, and with its extent which part of it."""
    names = [name for name in ('data', *_FOR) if with_extent or name not in _EXTENT]
    return {
        name: str(value.expanduser().resolve()) if isinstance(value, Path) else value
        for name in names
        if (value := getattr(arguments, name, None)) is not None
    }
