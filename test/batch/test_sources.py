# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.batch.sources``: bags; folders are tested with the command."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kosmos_ros.batch.sources import BagSource, open_source
from kosmos_ros.core.errors import InvalidRequestError

rosbag2 = pytest.importorskip('rosbags.rosbag2')
typesys = pytest.importorskip('rosbags.typesys')

COUNT = 7


@pytest.fixture(scope='module')
def bag(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Record images of 6x4 pixels, brighter one by one, each stamped with its number."""
    path: Path = tmp_path_factory.mktemp('bags') / 'drive'
    store = typesys.get_typestore(typesys.Stores.ROS2_JAZZY)
    image_type = store.types['sensor_msgs/msg/Image']
    header_type = store.types['std_msgs/msg/Header']
    time_type = store.types['builtin_interfaces/msg/Time']
    with rosbag2.Writer(path, version=9) as writer:
        topic = writer.add_connection('/front/image_raw', image_type.__msgtype__, typestore=store)
        for number in range(COUNT):
            header = header_type(time_type(sec=number, nanosec=5), 'camera')
            data = np.full(72, 10 * number, np.uint8)
            message = image_type(header, 4, 6, 'rgb8', 0, 18, data)
            raw = store.serialize_cdr(message, image_type.__msgtype__)
            writer.write(topic, 1000 * number, raw)
    return path


def test_images_of_a_bag_have_names_and_stamps(bag: Path) -> None:
    source = open_source(bag, every=3)
    assert isinstance(source, BagSource)
    assert len(source) == 3
    shots = [(shot.name, shot.stamp_ns, int(shot.read()[0, 0, 0])) for shot in source]
    assert shots == [
        ('front/image_raw/000000', 5, 0),
        ('front/image_raw/000003', 3_000_000_005, 30),
        ('front/image_raw/000006', 6_000_000_005, 60),
    ]
    assert len(list(source)) == 3


def test_topics_that_are_not_there_are_refused(bag: Path) -> None:
    with pytest.raises(InvalidRequestError, match='/front/image_raw'):
        open_source(bag, topic='/rear/image_raw')
