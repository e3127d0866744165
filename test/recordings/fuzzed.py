# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Reads damaged files of every format, as a program of its own whose memory is limited.

``python fuzzed.py FOLDER COUNT`` prints what was not refused as it should be, and how many files
were read. The same COUNT means the same files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
import faulthandler
from functools import partial
import json
from pathlib import Path
import pickle
from random import Random
import resource
import sys
import traceback
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / 'datasets'))

from conftest import picture, raw, START, STORE
import folders
from rosbags import rosbag1, rosbag2
from rosbags.typesys import get_typestore, Stores

from kosmos_ros.batch.answered import Answered, answered_in
from kosmos_ros.core.errors import InvalidDataError, InvalidImageError, InvalidRequestError
from kosmos_ros.core.plain import to_plain
from kosmos_ros.core.types import Grounding, Status, Task
from kosmos_ros.datasets.coco import coco
from kosmos_ros.datasets.flickr30k import flickr30k
from kosmos_ros.datasets.refcoco import refcoco
from kosmos_ros.recordings.bag_files import zstd
from kosmos_ros.recordings.bags import ImageBag
from kosmos_ros.results.journal import Journal

MEMORY = 1024**3
"""Bytes beyond those that the program has when everything is imported."""
SECONDS = 120
"""For one file; a hundred times what the slowest takes."""

NUMBERS = (b'\xff\xff\xff\x7f', b'\xff' * 4, b'\xff' * 8, b'\0' * 8, b'\0\0\0\x40', b'\x01')
TEXTS = (
    *(b'Infinity', b'-Infinity', b'NaN', b'1e999', b'-1', b'9' * 5000, b'null', b'true', b'{}'),
    *(b'[' * 20_000, b'{"a":' * 20_000, b'"\\ud800"', b'"../../../etc/passwd"', b'"/etc/passwd"'),
    *(b'<a>' * 20_000, b'&a;', b'"\\u001b[2J"', b'\0', b'\xff', b'[/EN#', b']', b'*a', b'&a [*a]'),
)


def nest(depth: int, both: bool) -> Any:
    """Return a deep list, which if ``both`` holds each of its lists twice."""
    value: Any = ['x']
    for _ in range(depth):
        value = [value, value] if both else [value]
    return value


VALUES = (
    *(float('inf'), float('nan'), 1e308, -1e308, 5e-324, 0, -1, 10**18, -(10**400), True, None),
    *('', ' ', 'x' * 9000, '\ud800', '\x1b[2J', '../../../etc/passwd', '/etc/passwd', 'a\0b', '7'),
    *([], {}, [[]], {'x': []}, [1e308] * 4, ['9'] * 4, nest(300, both=False)),
)
PICKLED = (*VALUES, nest(60, both=True), nest(200, both=False), b'x', ('a',), {'a'}, 2**100_000)


def changed(value: Any, random: Random, values: Sequence[Any]) -> Any:
    """Return a value with one of others in some place."""
    keys: list[Any] = []
    if isinstance(value, (dict, list)):
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    if not keys or random.random() < 0.05:
        return random.choice(values)
    key = random.choice(keys)
    made = value.copy()
    made[key] = changed(value[key], random, values)
    return made


def damaged(file: Path, data: bytes, random: Random) -> bytes:
    """Return what a file may hold after damage, or by an enemy."""
    if random.random() < 0.5:
        return mutated(data, random)
    if file.suffix == '.p':
        return pickle.dumps(changed(pickle.loads(data), random, PICKLED), 4)  # noqa: S301  our own
    if file.suffix == '.json':
        return json.dumps(changed(json.loads(data), random, VALUES)).encode()
    if file.suffix == '.jsonl':
        head, *lines = data.splitlines(keepends=True)
        line = changed(json.loads(lines[0]), random, VALUES)
        return head + json.dumps(line).encode() + b'\n' + b''.join(lines[1:])
    return mutated(data, random)


def mutated(data: bytes, random: Random) -> bytes:
    """Return bytes changed in a few places."""
    for _ in range(random.choice((1, 1, 2, 5))):
        at = random.randrange(len(data) + 1)
        end = min(len(data), at + random.choice((1, 2, 4, 8, 8, 50, 500)))
        new: bytes = random.choice(
            (
                *(random.choice(NUMBERS), random.choice(TEXTS), random.randbytes(end - at)),
                *(b'', data[at:end] * 3, data[: end - at]),
            )
        )
        keeps_length = random.random() < 0.5 and len(new) <= len(data) - at
        data = data[:at] + new + data[at + len(new) if keeps_length else end :]
    return data[: random.randrange(len(data) + 1)] if random.random() < 0.1 else data


def open_items(make: Callable[[], Any]) -> None:
    """Open a data set and all of its images, and tell of it as a report does."""
    data = make()
    '\n'.join(data.warnings).encode()
    for item in data:
        item.id.encode()
        try:
            for question in item.open().questions:
                json.dumps(question.traits, ensure_ascii=False).encode()
        except (InvalidDataError, InvalidImageError) as error:
            str(error).encode()


def open_bag(path: Path) -> None:
    """Read all images of all topics."""
    with ImageBag(path) as bag:
        for topic in bag.topics:
            for image in bag.images(topic.name):
                with suppress(InvalidImageError):
                    image.read()


def open_journal(path: Path) -> None:
    """Read all results."""
    with Journal(path, {'a': 1}) as journal:
        list(answered_in(journal))


def write_ros1(path: Path) -> None:
    """Write a bag of ROS 1."""
    store = get_typestore(Stores.ROS1_NOETIC)
    kind = store.types['sensor_msgs/msg/Image']
    time = store.types['builtin_interfaces/msg/Time']
    writer = rosbag1.Writer(path)
    writer.set_compression(rosbag1.Writer.CompressionFormat.LZ4)
    with writer:
        topic = writer.add_connection('/camera', kind.__msgtype__, typestore=store)
        for number in range(3):
            head = store.types['std_msgs/msg/Header'](number, time(number, 0), 'camera')
            message = kind(head, 4, 6, 'rgb8', 0, 18, picture(number).reshape(-1))
            writer.write(topic, number, store.serialize_ros1(message, kind.__msgtype__))


def write_ros2(folder: Path, plugin: rosbag2.StoragePlugin, packed: bool) -> Path:
    """Write a bag of ROS 2 and return its file."""
    writer = rosbag2.Writer(folder, version=9, storage_plugin=plugin)
    if packed:
        mode = rosbag2.CompressionMode.STORAGE
        writer.set_compression(mode, rosbag2.CompressionFormat.ZSTD)
    with writer:
        topic = writer.add_connection('/camera', 'sensor_msgs/msg/Image', typestore=STORE)
        for number in range(3):
            writer.write(topic, START + number, raw(START, picture(number))[1])
    (file,) = (one for one in folder.iterdir() if one.suffix != '.yaml')
    return file


def samples(folder: Path) -> Iterator[tuple[Path, Callable[[], None]]]:
    """Yield files, and what reads each."""
    set_ = folders.write_refcoco(folder / 'refcoco_set')
    make = partial(refcoco, 'refcoco', set_)
    yield set_ / 'refcoco/instances.json', partial(open_items, make)
    yield set_ / 'refcoco/refs(unc).p', partial(open_items, make)
    set_ = folders.write_coco(folder / 'coco_set')
    yield set_ / 'instances.json', partial(open_items, partial(coco, set_))
    set_ = folders.write_flickr30k(folder / 'flickr_set')
    for name in ('test.txt', 'Annotations/100.xml', 'Sentences/100.txt'):
        yield set_ / name, partial(open_items, partial(flickr30k, set_))
    plugins = rosbag2.StoragePlugin
    for name, plugin in (('mcap', plugins.MCAP), ('sqlite3', plugins.SQLITE3)):
        file = write_ros2(folder / name, plugin, packed=False)
        yield file, partial(open_bag, file.parent)
    yield file.parent / 'metadata.yaml', partial(open_bag, file.parent)
    file = write_ros2(folder / 'packed_mcap', plugins.MCAP, packed=True)
    yield file, partial(open_bag, file)
    whole = folder / 'whole.mcap.zstd'
    whole.write_bytes(zstd().compress(file.read_bytes()))
    yield whole, partial(open_bag, whole)
    write_ros1(folder / 'old.bag')
    yield folder / 'old.bag', partial(open_bag, folder / 'old.bag')
    path = folder / 'answers.jsonl'
    with Journal(path, {'a': 1}) as journal:
        grounding = Grounding(Task.LOCATE, Status.NOT_FOUND, 6, 4, 'a cup')
        for key in 'xyz':
            journal.append(key, to_plain(Answered(6, 4, (grounding,))))
    yield path, partial(open_journal, path)


def main() -> int:
    """Read all files, and return how many were not refused as they should."""
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    tasks = list(samples(folder))
    for _, read in tasks:
        read()  # imports what is left to import, and shows that the sample itself is sound
    size = int(Path('/proc/self/statm').read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, size + MEMORY))
    bad = 0
    for file, read in tasks:
        data, random = file.read_bytes(), Random(file.name)
        for number in range(count):
            file.write_bytes(damaged(file, data, random))
            faulthandler.dump_traceback_later(SECONDS, exit=True)
            try:
                read()
            except InvalidRequestError as error:
                # The folder of a data set or bag, or a file in it; for any terminal.
                is_named = str(folder).encode() in str(error).encode()
                problem = '' if is_named else f'does not name the file: {error}'
            except BaseException:  # noqa: BLE001  what it is shall be told
                problem = traceback.format_exc()
            else:
                problem = ''
            faulthandler.cancel_dump_traceback_later()
            if problem:
                bad += 1
                told = problem.encode('utf-8', 'backslashreplace').decode()
                print(f'{file.name}, number {number}: {told}', flush=True)
        file.write_bytes(data)
    print(f'read {len(tasks) * count} files, {bad} of them wrongly')
    return min(bad, 1)


if __name__ == '__main__':
    sys.exit(main())
