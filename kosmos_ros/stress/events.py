# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
What happens in a soak, in an order that a seed decides.

Each event is a function that lets something happen and returns in words what it was. It raises
StressError if the node does not do what it must; whether it still answers is asked afterwards.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
import random
import time

import psutil
from sensor_msgs.msg import Image

from kosmos_ros.core.types import Status
from kosmos_ros.stress.driver import Driver, StressError
from kosmos_ros.stress.stage import CAMERAS, NODE, StressStage, TARGETS

RESTART, PART_KILLED = 'all killed', 'part of the node killed'
CLIENTS = ('client_1', 'client_2', 'client_3')
SECONDS = 60.0
"""In which the node has to do what it is told, and to answer the next valid call."""
LOAD_SECONDS = 180.0
"""The same if a model has to be loaded for it."""

Event = Callable[[StressStage, Driver, random.Random], str]

_ACCEPTED: Mapping[str, tuple[float | str, ...]] = {
    'queue_size': (4, 8),
    'min_score': (0.1, 0.0),
    'max_detections': (3, 10),
    'max_looks': (1, 8),
    'busy_policy': ('replace_oldest', 'reject'),
    'debug_image': (True, False),
}
_REFUSED: Mapping[str, tuple[float | str, ...]] = {
    'queue_size': (-1,),
    'min_score': (7.0,),
    'max_detections': ('three',),
    'max_looks': (65,),
    'busy_policy': ('whatever',),
    'model': ('another',),
}


def start_client(stage: StressStage, name: str) -> None:
    """Start a client that asks again and again."""
    stage.start(name, 'stress.soak_client', TARGETS[NODE])


def kill_client(stage: StressStage, _: Driver, rng: random.Random) -> str:
    """Kill a client, whatever it is waiting for, and start another."""
    name = rng.choice(CLIENTS)
    stage.kill(name)
    start_client(stage, name)
    return name


def kill_camera(stage: StressStage, _: Driver, rng: random.Random) -> str:
    """Kill a camera and start it again."""
    name = rng.choice(CAMERAS)
    stage.kill(name)
    stage.start_camera(name)
    return name


def kill_part(stage: StressStage, _: Driver, rng: random.Random) -> str:
    """Kill one of the processes that the node has started, if there are any."""
    parts = psutil.Process(stage.children[NODE].pid).children(recursive=True)
    if not parts:
        return 'the node has started none'
    part = rng.choice(parts)
    part.kill()
    return f'{part.name()}, one of {len(parts)}'


def restart_all(stage: StressStage, _: Driver, __: random.Random) -> str:
    """Kill every participant, and start all again."""
    for name in list(stage.children):
        stage.kill(name)
    for name in CAMERAS:
        stage.start_camera(name)
    stage.start_node()
    for name in CLIENTS:
        start_client(stage, name)
    return 'node, cameras and clients'


def set_parameters(_: StressStage, driver: Driver, rng: random.Random) -> str:
    """Set a parameter to a value that is good, and another to one that is not."""
    told = []
    for values, good in ((_ACCEPTED, True), (_REFUSED, False)):
        name = rng.choice(sorted(values))
        value = rng.choice(values[name])
        outcome = f'{name}: {value} {"accepted" if good else "refused"}'
        if driver.set_parameter(name, value, SECONDS) != good:
            raise StressError(f'not {outcome}')
        told.append(outcome)
    return ', '.join(told)


def cycle(_: StressStage, driver: Driver, rng: random.Random) -> str:
    """Go through the life cycle and back, now and then with the model unloaded meanwhile."""
    way = ['deactivate', 'activate']
    if rng.random() < 0.5:
        way[1:1] = ['cleanup', 'configure']
    for label in way:
        driver.change_state(label, LOAD_SECONDS)
    return ', '.join(way)


def change_standing(_: StressStage, driver: Driver, rng: random.Random) -> str:
    """Set the standing query for some seconds, and stop it."""
    fields = {
        'query': rng.choice(('the red mug', 'the plates')),
        'rate_hz': rng.choice((0.0, 2.0)),
        'camera': rng.choice(('', 'rear', '*')),
    }
    driver.set_standing(SECONDS, enabled=True, task=1, **fields)
    time.sleep(rng.uniform(0.0, 3.0))
    driver.set_standing(SECONDS, enabled=False)
    return str(fields)


def malformed_images(_: StressStage, driver: Driver, rng: random.Random) -> str:
    """Show images that are none, among those of a camera, and ask about such."""
    names = rng.sample(sorted(_MALFORMED), 3)
    for name in names:
        for pause in (0.01,) * 10:
            driver.show(_MALFORMED[name]())
            time.sleep(pause)
        status = Status(driver.ask(SECONDS, query='the mug', image=_MALFORMED[name]()).status)
        # Before an image is looked at, there may be no place for the question.
        if status not in (Status.INVALID_REQUEST, Status.BUSY):
            raise StressError(f'a question about an image with {name} was answered {status.name}')
    return ', '.join(names)


def _image(data: int = 12, height: int = 2, width: int = 2, **fields: object) -> Image:
    known = {'encoding': 'rgb8', 'step': 3 * width} | fields
    return Image(height=height, width=width, data=array('B', bytes(data)), **known)


_MALFORMED: Mapping[str, Callable[[], Image]] = {
    'too little data': lambda: _image(data=5),
    'no data': lambda: _image(data=0),
    'a size of millions': lambda: _image(height=2**31, width=2**31, step=2**31),
    'a width of zero': lambda: _image(width=0),
    'an unknown encoding': lambda: _image(encoding='rgb9'),
    'an encoding of a megabyte': lambda: _image(encoding='x' * 1_000_000),
    'rows that overlap': lambda: _image(step=1),
}

EVENTS: Mapping[str, Event] = {
    'client killed': kill_client,
    'camera killed': kill_camera,
    PART_KILLED: kill_part,
    'parameters set': set_parameters,
    'life cycle': cycle,
    'standing query': change_standing,
    'malformed images': malformed_images,
}
