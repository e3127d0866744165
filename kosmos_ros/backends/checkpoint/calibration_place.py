# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Where the calibration of a checkpoint is: beside it, or with the user's own data.

A model's folder may belong to somebody else: it is read-only, or part of the cache of downloads,
whose files are the hub's. The calibration is then in ``$XDG_DATA_HOME/kosmos_ros/calibration``
(``~/.local/share`` where that is not set), in a folder named by the fingerprint of the model, so
that it is that of no other.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from kosmos_ros.backends.checkpoint.calibration_file import (
    CALIBRATION_FILE,
    read_calibration,
    written_for,
)
from kosmos_ros.backends.checkpoint.files import EMBEDDED_FOLDER, is_of_hub
from kosmos_ros.backends.checkpoint.fingerprint import model_fingerprint
from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.model.calibration import Calibration

_logger = logging.getLogger(__name__)


def calibration_of(folder: Path) -> Calibration:
    """
    Return the calibration of a checkpoint; where there is none, one that changes nothing.

    :raises ModelLoadError: naming file and field, if the file is not what it should be.
    """
    place = calibrated_in(folder)
    return Calibration() if place is None else read_calibration(place)


def calibrated_in(folder: Path) -> Path | None:
    """
    Return the folder that holds the calibration of a checkpoint; None where there is none.

    The one beside it comes first. One that was made for other weights is not used. What was taken
    is logged.

    :raises ModelLoadError: naming file and field, if the file is not what it should be.
    """
    fingerprint = model_fingerprint(folder)
    for place in (folder, _own_folder(fingerprint)):
        if not (place / CALIBRATION_FILE).exists():
            continue
        if written_for(place) in ('', fingerprint):
            _logger.info('scores are calibrated by %s', place / CALIBRATION_FILE)
            return place
        _logger.warning(
            '%s is not used: it was measured on other weights than those beside it',
            place / CALIBRATION_FILE,
        )
    _logger.info('%s has no %s: scores are as the model gives them', folder, CALIBRATION_FILE)
    return None


def place_to_write(folder: Path) -> Path:
    """
    Return the folder where a new calibration of a checkpoint takes effect.

    :raises InvalidRequestError: if there is none: the model's own cannot be replaced.
    """
    if not is_of_hub(folder) and os.access(folder, os.W_OK):
        return folder
    if (folder / CALIBRATION_FILE).exists():
        raise InvalidRequestError(
            f'{folder / CALIBRATION_FILE} comes first and cannot be replaced there; copy the '
            'model into a folder of your own, and give that as --model'
        )
    return _own_folder(model_fingerprint(folder))


def is_embedded(folder: Path) -> bool:
    """Tell whether a checkpoint is the one that comes with the package."""
    return folder.resolve() == EMBEDDED_FOLDER.resolve()


def _own_folder(fingerprint: str) -> Path:
    """Return the user's folder of a model (XDG Base Directory Specification 0.8)."""
    home = Path(os.environ.get('XDG_DATA_HOME', ''))
    # Relative paths are to be ignored there.
    base = home if home.is_absolute() else Path.home() / '.local' / 'share'
    return base / 'kosmos_ros' / 'calibration' / fingerprint
