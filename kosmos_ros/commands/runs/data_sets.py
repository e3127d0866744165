# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Opening the data sets of ``kosmos-ros eval``."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from kosmos_ros.commands.eval_data import FLICKR30K, REFCOCO, SCENES, TABLETOP
from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.datasets.coco import coco
from kosmos_ros.datasets.flickr30k import flickr30k
from kosmos_ros.datasets.levels import chosen_levels, STANDARD
from kosmos_ros.datasets.refcoco import refcoco
from kosmos_ros.datasets.tabletop import TabletopSet
from kosmos_ros.evaluation.runner import check_seeds


def open_data_set(arguments: Namespace) -> Any:
    """
    Open the data set; its annotations are read, its images not yet.

    :returns: a ``DataSet``.
    :raises InvalidRequestError: if there is no such data.
    """
    if arguments.data == TABLETOP:
        return _tabletop(arguments)
    folder = arguments.folder.expanduser()
    images = arguments.images.expanduser() if arguments.images else None
    if arguments.data in REFCOCO:
        split, split_by = arguments.split or 'val', arguments.split_by or ''
        return refcoco(arguments.data, folder, split, split_by, images)
    if arguments.data == FLICKR30K:
        return flickr30k(folder, arguments.split or 'test', images)
    return coco(folder, arguments.split or '', images)


def _tabletop(arguments: Namespace) -> Any:
    levels = chosen_levels(STANDARD if arguments.level is None else arguments.level)
    scenes = SCENES if arguments.scenes is None else arguments.scenes
    try:
        return TabletopSet(check_seeds(arguments.seed or 0, scenes), levels)
    except ValueError as error:
        raise InvalidRequestError(str(error)) from error
