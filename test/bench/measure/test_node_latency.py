# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Three nodes in processes of their own answer a camera."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip('rclpy', reason='nodes need ROS')
pytest.importorskip('kosmos_ros_msgs', reason='nodes need the messages')

from kosmos_ros.bench.measure import node_latency
from kosmos_ros.bench.measure.node_latency import measure_nodes
from kosmos_ros.core.images.images import load_image


def test_every_node_answers_every_image(
    picture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node_latency, '_WARM_UP', 1)
    for name in ('ROS_DOMAIN_ID', *node_latency.middleware_environment({})):
        monkeypatch.setenv(name, '')  # set by what is tested; put back afterwards
    said: list[str] = []
    found = measure_nodes(tmp_path, load_image(picture), 2, said.append)
    assert list(found['sizes']) == ['640x480', '1920x1080']
    for times in found['sizes'].values():
        assert set(times) == {'echo', 'instant', 'model', 'inference'}
        assert all(len(values) == 2 and min(values) > 0 for values in times.values())
        for inference, whole in zip(times['inference'], times['model'], strict=True):
            assert inference < whole
    assert len(said) == 2
