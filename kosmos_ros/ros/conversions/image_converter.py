# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Converter of raw images: an installed ``cv_bridge`` that passes its trial, or our own table.

Both give the same bits where ``cv_bridge`` is used; the rest always goes by our own table.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import logging
import signal
import subprocess
import sys
import threading
from typing import Any

import numpy as np
import numpy.typing as npt

from kosmos_ros.core.errors import MissingDependencyError
from kosmos_ros.core.images.layout import RawImage
from kosmos_ros.core.images.raw_images import bytes_of_row, check_layout, colours_from_raw
from kosmos_ros.parameters.choices import CV_BRIDGE, OWN
from kosmos_ros.ros.conversions.cv_bridge_trial import convert, Trial, trial_from_output

TRIAL_SECONDS = 20.0
"""A trial takes a second; a longer one hangs."""

_TRIAL = (
    'import json, sys\n'
    'sys.path[:] = json.loads(sys.argv[1])\n'
    'from kosmos_ros.ros.conversions.cv_bridge_trial import main\n'
    'main()\n'
)

_logger = logging.getLogger(__name__)


class ImageConverter:
    """
    Converts raw images, at first by our own table; safe to use from several threads.

    :param setting: one of ``parameters.choices.CONVERSIONS``.
    """

    def __init__(self, setting: str = OWN) -> None:
        self.description = OWN
        """Who converts images, and why."""
        self._setting = setting
        self._encodings: frozenset[str] = frozenset()
        self._bridge: Any = None
        self._trial: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()
        self._is_closed = False

    def choose(self, seconds: float = TRIAL_SECONDS) -> None:
        """
        Find out whether ``cv_bridge`` can be used, and use it from now on if it can.

        :param seconds: the longest that a trial may take.
        :raises MissingDependencyError: if it cannot, but is required.
        """
        if self._setting == OWN:
            self.description = 'own: image_conversion says so'
            return
        trial = self._try(seconds)
        if not trial.problem:
            trial = self._take(trial)
        if trial.problem:
            self.description = f'own: cv_bridge cannot be used ({trial.problem})'
        if trial.problem and self._setting == CV_BRIDGE:
            raise MissingDependencyError(
                f'image_conversion is cv_bridge, which cannot be used: {trial.problem}; '
                f'auto and own do without'
            )
        _logger.info('images are converted by %s', self.description)

    def close(self) -> None:
        """End a trial that is in progress."""
        with self._lock:
            self._is_closed = True
            if self._trial is not None:
                self._trial.kill()

    def __call__(self, message: RawImage) -> npt.NDArray[Any]:
        """
        Convert an image, as ``colours_from_raw``.

        :returns: (H, W, 3) RGB, uint8 or uint16.
        :raises InvalidImageError: if it is malformed or of an unknown encoding.
        """
        if message.encoding not in self._encodings or message.is_bigendian:
            return colours_from_raw(message)
        check_layout(message)
        if message.step != bytes_of_row(message):
            return colours_from_raw(message)
        try:
            colours = np.asarray(convert(self._bridge, message))
        except Exception as error:  # noqa: BLE001  it may raise anything, and we need it not
            _logger.debug('cv_bridge does not convert an image: %s', error)
            return colours_from_raw(message)
        return colours

    def _try(self, seconds: float) -> Trial:
        if not _is_installed():
            return Trial(problem='not installed')
        try:
            return self._try_in_process(seconds)
        except (OSError, ValueError) as error:
            return Trial(problem=f'no trial: {error}')

    def _try_in_process(self, seconds: float) -> Trial:
        """
        Try it where a crash does no harm.

        :raises OSError: if no process can be started.
        :raises ValueError: if its output is unreadable.
        """
        with self._lock:
            if self._is_closed:
                return Trial(problem='stopped')
            self._trial = subprocess.Popen(
                [sys.executable, '-I', '-c', _TRIAL, json.dumps(sys.path)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                errors='replace',
            )
        with self._trial as process:
            try:
                output, errors = process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                return Trial(problem=f'it hangs, for more than {seconds:g} s in a trial')
        if self._is_closed:
            return Trial(problem='stopped')
        if process.returncode < 0:
            name = signal.Signals(-process.returncode).name
            return Trial(problem=f'it crashes, by {name} in a trial')
        if process.returncode > 0:
            last = errors.strip().rpartition('\n')[2]
            return Trial(problem=f'a trial ended with {process.returncode}: {last}')
        return trial_from_output(output)

    def _take(self, trial: Trial) -> Trial:
        """Use what passed its trial in another process, if it can be imported here too."""
        try:
            self._bridge = importlib.import_module('cv_bridge').CvBridge()
        except (Exception, SystemExit) as error:  # noqa: BLE001  it may raise anything
            return Trial(problem=f'{type(error).__name__}: {error}')
        self._encodings = frozenset(trial.encodings)
        note = f' ({trial.note})' if trial.note else ''
        self.description = f'cv_bridge: {", ".join(trial.encodings)}; all others: own{note}'
        return trial


def _is_installed() -> bool:
    try:
        return importlib.util.find_spec('cv_bridge') is not None
    except (ImportError, ValueError):  # of what is there already, but not by an import
        return False
