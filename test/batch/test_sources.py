# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.batch.sources``: bags, and names; folders are tested with the command."""

from __future__ import annotations

import os
from pathlib import Path
from unicodedata import normalize

import numpy as np
from PIL import Image
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


def write_picture(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new('RGB', (2, 2)).save(folder / name, 'BMP')


def copies(folder: Path) -> dict[str, str]:
    """Return the names of the copies by those of the pictures."""
    return {shot.name: shot.picture for shot in open_source(folder)}


@pytest.mark.parametrize(
    'names',
    [
        ('a.bmp', 'a.bmp.jpg', 'a.bmp_2.jpg'),
        ('a.bmp', 'A.bmp', 'a.BMP.JPG', 'a.bmp.jpg'),
        ('é.jpg', 'e\u0301.jpg', 'É.JPG', 'x/é.jpg'),
        ('a', 'a.jpg/b.png', 'A.jpg/b.png'),
        ('a.gif', 'a.gif.gif', 'a.gif.jpg', 'a.gif.jpg.gif'),
    ],
)
def test_no_copy_replaces_another_on_any_file_system(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    write_picture(tmp_path, *names)
    found = copies(tmp_path)
    assert sorted(found) == sorted(names)
    assert len({normalize('NFC', copy).casefold() for copy in found.values()}) == len(names)
    folders = {above.as_posix().casefold() for name in names for above in Path(name).parents}
    assert not folders & {copy.casefold() for copy in found.values()}


def test_pictures_that_keep_their_names_do_so_whoever_comes_first(tmp_path: Path) -> None:
    write_picture(tmp_path, 'a.bmp', 'a.bmp.jpg')
    assert copies(tmp_path) == {'a.bmp': 'a.bmp_2.jpg', 'a.bmp.jpg': 'a.bmp.jpg'}


def test_names_that_are_written_alike_are_refused(tmp_path: Path) -> None:
    write_picture(tmp_path, '\\udcff.jpg', os.fsdecode(b'\xff.jpg'))
    with pytest.raises(InvalidRequestError, match='both called'):
        open_source(tmp_path)


@pytest.mark.parametrize(
    ('topic', 'folder'),
    [
        ('/../../../../escaped', 'escaped'),
        ('/..', 'images'),
        ('C:\\evil\x1b[2J', 'C__evil__2J'),
        ('/' + 'x' * 300, None),
    ],
)
def test_a_topic_leads_nowhere(tmp_path: Path, topic: str, folder: str | None) -> None:
    store = typesys.get_typestore(typesys.Stores.ROS2_JAZZY)
    with rosbag2.Writer(tmp_path / 'bag', version=9) as writer:
        kind = 'sensor_msgs/msg/Image'
        writer.write(writer.add_connection(topic, kind, typestore=store), 1, b'\0\1\0\0')
    (shot,) = open_source(tmp_path / 'bag')
    assert shot.name.isprintable()
    assert os.path.normpath(shot.picture) == shot.picture
    if folder is not None:
        assert shot.name == f'{folder}/000000'
    (tmp_path / shot.picture).parent.mkdir()
