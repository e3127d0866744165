# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.recordings.bags``."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
import subprocess
import sys

from hypothesis import given, HealthCheck, settings
from hypothesis import strategies as st
import numpy as np
import pytest

from kosmos_ros.core.errors import InvalidDataError, InvalidImageError
from kosmos_ros.recordings.bags import ImageBag, ImageTopic

from .conftest import header, picture, png, raw, START, STORE, WriteBag


@pytest.mark.parametrize('storage', ['mcap', 'sqlite3'])
@pytest.mark.parametrize('make', [raw, png])
def test_images_come_with_their_times(write_bag: WriteBag, storage: str, make: object) -> None:
    messages = [(START + 10 * n, make(START + n, picture(n))) for n in range(3)]
    folder = write_bag({'/front/image': messages}, storage)
    with ImageBag(folder) as bag:
        assert bag.topics == (ImageTopic('/front/image', messages[0][1][0], 3),)
        images = list(bag.images(bag.topic()))
        assert [image.number for image in images] == [0, 1, 2]
        assert [image.stamp_ns for image in images] == [START + n for n in range(3)]
        assert [image.received_ns for image in images] == [START + 10 * n for n in range(3)]
        for n, image in enumerate(images):
            np.testing.assert_array_equal(image.read(), picture(n))


def test_encodings_are_those_of_the_node(write_bag: WriteBag) -> None:
    bgr = raw(START, np.ascontiguousarray(picture(9)[..., ::-1]), 'bgr8')
    depth = raw(START, np.zeros((4, 6), np.float32).view(np.uint8), '32FC1')
    with ImageBag(write_bag({'/camera': [(START, bgr), (START + 1, depth)]})) as bag:
        good, bad = bag.images('/camera')
        np.testing.assert_array_equal(good.read(), picture(9))
        with pytest.raises(InvalidImageError, match='32FC1'):
            bad.read()


def test_of_16_bits_those_count_that_were_seen_in_the_bag(write_bag: WriteBag) -> None:
    greys = [np.full((4, 6), value, np.uint16) for value in (900, 4095, 900)]
    messages = [(START + n, raw(START + n, one, 'mono16')) for n, one in enumerate(greys)]
    with ImageBag(write_bag({'/camera': messages})) as bag:
        for _ in range(2):
            values = [int(one.read()[0, 0, 0]) for one in bag.images('/camera')]
            assert values == [224, 255, 56]


def test_a_message_that_is_no_image_spoils_only_itself(write_bag: WriteBag) -> None:
    kind, data = raw(START, picture(1))
    messages = [(START, (kind, data[:20])), (START + 1, (kind, data))]
    with ImageBag(write_bag({'/camera': messages})) as bag:
        bad, good = bag.images('/camera')
        assert bad.stamp_ns == START
        with pytest.raises(InvalidImageError, match='cannot be read'):
            bad.read()
        np.testing.assert_array_equal(good.read(), picture(1))


def test_a_topic_is_chosen_by_name_where_there_are_several(write_bag: WriteBag) -> None:
    messages = [(START, raw(START, picture(1)))]
    with ImageBag(write_bag({'/left': messages, '/right': messages})) as bag:
        assert bag.topic('/right') == '/right'
        with pytest.raises(InvalidDataError, match=r'/left, /right, and none was named'):
            bag.topic()
        with pytest.raises(InvalidDataError, match="got '/up'"):
            bag.topic('/up')


def test_a_file_stands_for_its_bag(write_bag: WriteBag) -> None:
    folder = write_bag({'/camera': [(START, raw(START, picture(1)))]})
    (file,) = folder.glob('*.mcap')
    with ImageBag(file) as bag:
        assert bag.topic() == '/camera'


def test_what_is_no_bag_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidDataError, match='there is no such bag'):
        ImageBag(tmp_path / 'missing')
    with pytest.raises(InvalidDataError, match=r'metadata\.yaml.*reindex'):
        ImageBag(tmp_path)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    storage=st.sampled_from(['mcap', 'sqlite3', 'metadata']),
    place=st.floats(0, 1),
    junk=st.binary(min_size=1, max_size=9),
)
def test_damage_anywhere_is_refused_or_harmless(
    whole_bags: dict[str, Path], storage: str, place: float, junk: bytes
) -> None:
    folder = whole_bags['mcap' if storage == 'metadata' else storage]
    (file,) = (
        path
        for path in folder.iterdir()
        if (path.name == 'metadata.yaml') == (storage == 'metadata')
    )
    data = file.read_bytes()
    start = int(place * (len(data) - len(junk)))
    try:
        file.write_bytes(data[:start] + junk + data[start + len(junk) :])
        with suppress(InvalidDataError, InvalidImageError), ImageBag(folder) as bag:
            for image in bag.images(bag.topic()):
                with suppress(InvalidImageError):
                    image.read()
    finally:
        file.write_bytes(data)


@pytest.fixture
def whole_bags(write_bag: WriteBag) -> dict[str, Path]:
    """Return bags of five images each."""
    messages = [(START + n, raw(START, picture(n))) for n in range(5)]
    return {name: write_bag({'/camera': messages}, name) for name in ('mcap', 'sqlite3')}


@pytest.mark.parametrize('storage', ['mcap', 'sqlite3'])
def test_a_bag_without_its_middle_is_refused(write_bag: WriteBag, storage: str) -> None:
    folder = write_bag(
        {'/camera': [(START + n, raw(START, picture(n % 200))) for n in range(400)]}, storage
    )
    (file,) = (path for path in folder.iterdir() if path.name != 'metadata.yaml')
    data = bytearray(file.read_bytes())
    data[len(data) // 3 : 2 * len(data) // 3] = b'\xff' * (len(data) // 3)
    file.write_bytes(data)
    with pytest.raises(InvalidDataError, match=r'damaged|expected a bag'), ImageBag(folder) as bag:
        list(bag.images('/camera'))


def test_bags_without_pictures_tell_what_they_hold(write_bag: WriteBag) -> None:
    kind = 'std_msgs/msg/Header'
    message = (kind, bytes(STORE.serialize_cdr(header(START), kind)))
    with (
        ImageBag(write_bag({'/clock_like': [(START, message)]})) as bag,
        pytest.raises(InvalidDataError, match='the bag holds /clock_like'),
    ):
        bag.topic()


def test_no_ros_is_needed() -> None:
    code = (
        'import sys; sys.modules.update(rclpy=None, sensor_msgs=None)\n'
        'from kosmos_ros.recordings.bags import ImageBag\n'
        'from kosmos_ros.core.images.raw_images import rgb_from_raw'
    )
    subprocess.run([sys.executable, '-c', code], check=True, timeout=120)
