# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Cleaning up gives the memory of a model back, measured on a real one.

Spans ``nodes.grounding_node`` and ``ros.executor.process_memory``.
"""

from __future__ import annotations

from pathlib import Path

from builtin_interfaces.msg import Duration
import pytest
from transformers import Kosmos2Config

from kosmos_ros.bench.measure.random_checkpoint import random_checkpoint

MEGABYTES = 1e6


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a checkpoint of about 0.4 GB: the depth and images of a toy, the width of the real."""
    config = Kosmos2Config(
        text_config={'layers': 2, 'ffn_dim': 2048, 'embed_dim': 2048, 'attention_heads': 8},
        vision_config={
            'hidden_size': 64,
            'intermediate_size': 64,
            'num_hidden_layers': 1,
            'num_attention_heads': 2,
            'image_size': 28,
        },
    )
    return random_checkpoint(tmp_path_factory.mktemp('models') / 'wide', '', print, config)


def test_cleanup_frees_most_of_what_configure_took(start_process, robot, checkpoint: Path) -> None:
    weights = sum(file.stat().st_size for file in checkpoint.glob('*.safetensors'))
    assert weights > 200 * MEGABYTES
    node = start_process(
        *('-m', 'kosmos_ros.nodes.grounding_node', '--ros-args'),
        *('-p', 'autostart:=false', '-p', 'device:=cpu', '-p', f'model:={checkpoint}'),
    )
    robot.film()

    def resident(state: str) -> float:
        """Return the memory of node and model, told after it came to a state."""
        robot.wait_until(lambda: robot.value('model', 'life cycle') == state, timeout=120.0)
        told = (robot.value('model', 'process megabytes'), robot.value('model', 'model megabytes'))
        return sum(float(value) for value in told if value) * MEGABYTES

    for _ in range(2):
        assert robot.transition('configure')
        assert robot.transition('activate')
        robot.wait_until(lambda: robot.ask(max_age=Duration(sec=1000)).success)
        full = resident('active')
        assert robot.transition('deactivate')
        assert robot.transition('cleanup')
        left = resident('unconfigured')
        print(f'weights {weights / 1e6:.0f} MB, {full / 1e6:.0f} -> {left / 1e6:.0f} MB')
        assert full - left > 0.8 * weights
    assert 'Traceback' not in node.output
