# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
From camera to detections, over DDS between real processes.

Three nodes get the same images in turn: one that only answers (transport), the grounding node with
a model that costs nothing (transport and our own part), and the grounding node with the embedded
model, which reports the model's time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
import os
from pathlib import Path
from typing import Any

import rclpy
from rclpy.signals import SignalHandlerOptions

from kosmos_ros.backends.settings import EMBEDDED_MODEL
from kosmos_ros.bench.jobs import worker_environment
from kosmos_ros.bench.measure.node_client import MODEL, NodeClient
from kosmos_ros.bench.measure.picture import resized
from kosmos_ros.bench.plan import NODE_SIZES
from kosmos_ros.bringup import middleware_environment, NodeProcess, ParameterValue
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.demo.domain import free_domain_id
from kosmos_ros.demo.processes import ProcessGroup, start_node

ECHO, INSTANT = 'echo', 'instant'

_NAMES = (ECHO, INSTANT, MODEL)
_EXECUTABLES = {ECHO: 'echo_node', INSTANT: 'instant_node', MODEL: 'grounding_node'}
_START_SECONDS = 120.0
_REST_SECONDS = 0.02
_WARM_UP = 10
_STANDING: dict[str, ParameterValue] = {
    'model': EMBEDDED_MODEL,
    'standing_enabled': True,
    'standing_task': 'locate',
    'standing_query': 'the pink bowl',
}


@dataclass(frozen=True)
class BenchNode(NodeProcess):
    """A node whose module may be one of the benchmark's own."""

    @property
    def module(self) -> str:
        """Python module to run with ``python -m``."""
        if self.name == MODEL:
            return super().module
        return f'kosmos_ros.bench.measure.{self.executable}'


def measure_nodes(
    folder: Path, image: RgbImage, frames: int, say: Callable[[str], None]
) -> dict[str, Any]:
    """
    Measure all three nodes with images of each size.

    :param folder: for parameter files and logs.
    :param frames: images for each node and size.
    :raises BenchError: if a node does not answer.
    """
    with _running(folder) as client:
        sizes = {}
        for width, height in NODE_SIZES:
            picture = resized(image, width, height)
            for name in _NAMES:
                client.wait_for(name, picture, _START_SECONDS)
            say(f'{frames} images of {width}x{height} for each of {len(_NAMES)} nodes')
            for _ in range(_WARM_UP):
                _one_round(client, picture)
            rounds = [_one_round(client, picture) for _ in range(frames)]
            sizes[f'{width}x{height}'] = {key: [one[key] for one in rounds] for key in rounds[0]}
    shared = bool(middleware_environment({}))
    return {'sizes': sizes, 'model': EMBEDDED_MODEL, 'shared_memory': shared}


def _one_round(client: NodeClient, image: RgbImage) -> dict[str, float]:
    """Show an image to each node, so that disturbances affect all alike."""
    seconds = {}
    for name in _NAMES:
        # For the first image after another node's work, caches hold the other's data.
        client.latency(name, image)
        client.rest(_REST_SECONDS)
        seconds[name], stamp = client.latency(name, image)
        if name == MODEL:
            seconds['inference'] = client.inference_seconds(name, stamp)
        client.rest(_REST_SECONDS)
    return seconds


@contextmanager
def _running(folder: Path) -> Iterator[NodeClient]:
    os.environ['ROS_DOMAIN_ID'] = str(free_domain_id())
    os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'
    os.environ.update(middleware_environment(os.environ))
    with ProcessGroup() as group:
        for name in _NAMES:
            log_file = folder / 'logs' / f'node_{name}.log'
            group.add(start_node(_process(name), log_file, worker_environment()))
        rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
        client = NodeClient(_NAMES)
        try:
            yield client
        finally:
            client.close()
            rclpy.try_shutdown()


def _process(name: str) -> BenchNode:
    return BenchNode(
        executable=_EXECUTABLES[name],
        name=name,
        namespace='/bench',
        remappings=(('image', f'/bench/{name}/image'),),
        parameters={} if name == ECHO else _STANDING,
        log_level='warn',
    )
