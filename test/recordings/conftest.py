# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Small data sets and bags in the public formats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import get_typestore, Stores

STORE = get_typestore(Stores.ROS2_JAZZY)
START = 1_700_000_000_000_000_000

WriteBag = Callable[..., Path]


def header(stamp_ns: int) -> object:
    """Return a ``std_msgs/Header``."""
    time = STORE.types['builtin_interfaces/msg/Time'](*divmod(stamp_ns, 1_000_000_000))
    return STORE.types['std_msgs/msg/Header'](stamp=time, frame_id='camera')


def raw(stamp_ns: int, image: np.ndarray, encoding: str = 'rgb8') -> tuple[str, bytes]:
    """Return type and bytes of a ``sensor_msgs/Image``."""
    height, width = image.shape[:2]
    step = image.nbytes // height
    message = STORE.types['sensor_msgs/msg/Image'](
        header(stamp_ns), height, width, encoding, 0, step, image.reshape(-1).view(np.uint8)
    )
    return 'sensor_msgs/msg/Image', bytes(STORE.serialize_cdr(message, message.__msgtype__))


def png(stamp_ns: int, image: np.ndarray) -> tuple[str, bytes]:
    """Return type and bytes of a ``sensor_msgs/CompressedImage``."""
    _, data = cv2.imencode('.png', image[..., ::-1])
    message = STORE.types['sensor_msgs/msg/CompressedImage'](
        header(stamp_ns), 'png', data.reshape(-1)
    )
    return message.__msgtype__, bytes(STORE.serialize_cdr(message, message.__msgtype__))


def picture(value: int) -> np.ndarray:
    """Return a small image that tells its number."""
    image = np.zeros((4, 6, 3), np.uint8)
    image[..., 0], image[1, 2] = value, (1, 2, 3)
    return image


@pytest.fixture
def write_bag(tmp_path: Path) -> WriteBag:
    """
    Return what writes a bag.

    ``write_bag({'/camera': [(received_ns, (type, bytes)), ...]}, storage='mcap')`` returns its
    folder.
    """

    def write(
        topics: dict[str, Sequence[tuple[int, tuple[str, bytes]]]], storage: str = 'mcap'
    ) -> Path:
        folder = tmp_path / f'bag_{storage}_{len(list(tmp_path.iterdir()))}'
        plugin = {'mcap': StoragePlugin.MCAP, 'sqlite3': StoragePlugin.SQLITE3}[storage]
        with Writer(folder, version=9, storage_plugin=plugin) as writer:
            for topic, messages in topics.items():
                kind = messages[0][1][0]
                connection = writer.add_connection(topic, kind, typestore=STORE)
                for received_ns, (_, data) in messages:
                    writer.write(connection, received_ns, data)
        return folder

    return write
