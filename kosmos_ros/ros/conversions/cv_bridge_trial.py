# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
What the installed ``cv_bridge`` converts correctly, found out by trying.

Small images go through it and through our own table. Some builds refuse encodings, another package
of that name cannot read padded rows, and builds for another numpy or OpenCV fail late, or end the
process. So ``main`` runs in a process of its own.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import numpy as np

from kosmos_ros.core.images.raw_images import (
    bytes_of_row,
    bytes_of_value,
    colours_from_raw,
    rows_of,
    SUPPORTED_ENCODINGS,
)

WIDTH, HEIGHT = 70, 34
"""Even, and wide enough for the parts of OpenCV that take many pixels at once."""

BASIC = ('rgb8', 'bgr8', 'mono8')
"""Encodings that any working build converts."""


class Trial(NamedTuple):
    """
    Result of a trial.

    ``encodings`` are converted correctly. ``problem`` says why it cannot be used, empty if it can.
    ``note`` says what else is wrong, without effect here.
    """

    encodings: tuple[str, ...] = ()
    problem: str = ''
    note: str = ''


def convert(bridge: Any, message: Any) -> Any:
    """
    Convert an image by a ``CvBridge``, keeping all bits.

    :returns: supposedly (H, W, 3) RGB.
    :raises Exception: anything; of real ones ``CvBridgeError``, which is a ``TypeError``.
    """
    wanted = 'rgb16' if bytes_of_value(message.encoding) == 2 else 'rgb8'
    same = message.encoding == wanted
    return bridge.imgmsg_to_cv2(message, 'passthrough' if same else wanted)


def try_bridge() -> Trial:
    """Import ``cv_bridge`` and try it; whatever happens short of the end of the process."""
    try:
        from cv_bridge import CvBridge  # noqa: PLC0415

        bridge = CvBridge()
        for encoding in BASIC:
            for padding in (0, 2):
                _require_same(bridge, _sample(encoding, padding))
    except (Exception, SystemExit) as error:  # noqa: BLE001  it may raise anything
        return Trial(problem=f'{type(error).__name__}: {error}')
    known = tuple(one for one in SUPPORTED_ENCODINGS if _is_same(bridge, one))
    return Trial(known, note=_way_back(bridge))


def main() -> None:
    """Print the result as JSON, in a line of its own after whatever imports print."""
    print('\n' + json.dumps(try_bridge()))


def trial_from_output(output: str) -> Trial:
    """
    Read what ``main`` printed.

    :raises ValueError: if it is something else.
    """
    encodings, problem, note = json.loads(output.strip().rpartition('\n')[2])
    return Trial(tuple(encodings), problem, note)


def _way_back(bridge: Any) -> str:
    """
    Return what is wrong with the messages that it makes, which we make ourselves.

    With another OpenCV, types have other numbers.
    """
    message = _sample('rgb8')
    try:
        back = bridge.cv2_to_imgmsg(colours_from_raw(message), 'rgb8')
    except Exception as error:  # noqa: BLE001  it may raise anything
        return f'its cv2_to_imgmsg fails, {type(error).__name__}: {error}'
    is_same = (back.step, bytes(back.data)) == (message.step, bytes(message.data))
    return '' if is_same else 'its cv2_to_imgmsg makes another image'


def _require_same(bridge: Any, message: Any) -> None:
    ours, theirs = colours_from_raw(message), np.asarray(convert(bridge, message))
    if theirs.dtype != ours.dtype or not np.array_equal(theirs, ours):
        padded = ' with padded rows' if message.step > bytes_of_row(message) else ''
        raise ValueError(f'{message.encoding}{padded} comes out as another image')


def _is_same(bridge: Any, encoding: str) -> bool:
    try:
        _require_same(bridge, _sample(encoding))
    except Exception:  # noqa: BLE001  it may raise anything
        return False
    return True


def _sample(encoding: str, padding: int = 0) -> Any:
    """
    Make an image of noise.

    :param padding: pixels after each row.
    """
    from sensor_msgs.msg import Image  # noqa: PLC0415

    message = Image(width=WIDTH, height=HEIGHT, encoding=encoding)
    row = bytes_of_row(message)
    message.step = row + padding * (row // WIDTH)
    noise = np.random.default_rng(0).integers(0, 256, message.step * rows_of(message), np.uint8)
    message.data = noise.tobytes()
    return message


if __name__ == '__main__':
    main()
