# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The whole demo: simulator, camera node, DDS, grounding node, model, report and pictures.

Spans ``demo``.
"""

from __future__ import annotations

from collections.abc import Callable
import json
import os
from pathlib import Path
import re
import signal
import time
from typing import Any

from PIL import Image
import pytest

pytest.importorskip('kosmos_ros_msgs', reason='needs ROS and the interfaces')

StartProcess = Callable[..., Any]
TIMEOUT = 280.0
"""Seconds; the machine of a test may be busy."""


def demo(start_process: StartProcess, output: Path, *arguments: str) -> Any:
    return start_process('-m', 'kosmos_ros.cli', 'demo', '--output', output, *arguments)


def children_of(output: Path) -> list[int]:
    """Return the processes whose command line names a file below ``output``."""
    found = []
    for path in Path('/proc').glob('[0-9]*/cmdline'):
        try:
            command = path.read_bytes()
        except OSError:  # it has just ended
            continue
        if f'{output}/logs/'.encode() in command:
            found.append(int(path.parent.name))
    return found


def test_the_demo_finds_what_the_simulator_shows(
    start_process: StartProcess, tmp_path: Path
) -> None:
    process = demo(start_process, tmp_path, '--scenes', '2', '--seed', '1')
    assert process.wait(TIMEOUT) == 0, process.output
    assert not children_of(tmp_path)

    results = json.loads((tmp_path / 'results.json').read_text())
    summary, answers = results['summary'], results['answers']
    assert summary['mean_iou'] >= 0.6, process.output
    assert summary['right'] >= 0.7 * summary['asked'], process.output
    tasks = {'LOCATE', 'DESCRIBE', 'IDENTIFY', 'ASK', 'INSTRUCT'}
    assert {answer['task'] for answer in answers} == tasks
    assert summary['median_centimetres'] <= 3.0, process.output
    near = [answer for answer in answers if not answer['is_far']]
    assert len({answer['scene'] for answer in near}) == 2
    far = [answer for answer in answers if answer['is_far']]
    assert max(len(answer['looks']) for answer in far) > 1
    stamps = [answer['stamp'] for answer in answers]
    assert stamps == sorted(stamps)

    for name in ('task', 'score', 'IoU', '3D cm', 'verdict'):
        assert re.search(rf'\b{name}\b', process.output)
    pictures = sorted(tmp_path.glob('*_scene_*.png'))
    assert len(pictures) == len(answers)
    assert Image.open(tmp_path / 'overview.png').width > 640


def test_a_process_that_dies_ends_the_demo_with_its_last_words(
    start_process: StartProcess, tmp_path: Path
) -> None:
    process = demo(start_process, tmp_path, '--model', str(tmp_path / 'no_model'))
    assert process.wait(TIMEOUT) == 3, process.output
    assert re.search(r'kosmos-ros: .*no_model', process.output, re.DOTALL)
    assert not children_of(tmp_path)


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_a_demo_that_is_told_to_end_leaves_nobody_behind(
    start_process: StartProcess, tmp_path: Path, number: signal.Signals
) -> None:
    process = demo(start_process, tmp_path)
    process.wait_for_output('camera ready', TIMEOUT)
    assert len(children_of(tmp_path)) == 2
    os.kill(process.pid, number)
    assert process.wait(30.0) == {signal.SIGINT: 130, signal.SIGTERM: 143}[number]
    assert not children_of(tmp_path)


def test_a_killed_demo_leaves_nobody_behind(start_process: StartProcess, tmp_path: Path) -> None:
    process = demo(start_process, tmp_path)
    process.wait_for_output('camera ready', TIMEOUT)
    os.kill(process.pid, signal.SIGKILL)
    deadline = time.monotonic() + 30.0
    while children_of(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not children_of(tmp_path)


def test_what_keeps_running_says_how_to_ask_and_answers(
    start_process: StartProcess, tmp_path: Path
) -> None:
    process = demo(start_process, tmp_path, '--keep-running', '--seed', '1')
    query = process.wait_for_output(r'examples/ask\.py "(the [a-z ]+)"', TIMEOUT).group(1)
    asked = start_process(Path(__file__).parents[2] / 'examples' / 'ask.py', query)
    assert asked.wait(TIMEOUT) == 0, asked.output
    assert re.search(rf'{query}: score [01]\.\d\d, centre \(\d+, \d+\)', asked.output)
    instruction = process.wait_for_output(
        r'pick_by_instruction\.py "(put the [a-z ]+)"', TIMEOUT
    ).group(1)
    example = Path(__file__).parents[2] / 'examples' / 'pick_by_instruction.py'
    picked = start_process(example, instruction)
    assert picked.wait(TIMEOUT) == 0, picked.output
    for role in ('target', 'destination'):
        assert re.search(rf'{role}: the .*\n  box .*\n  at x .* m in \w+', picked.output)
    assert 'marked' in picked.output
    missing = start_process(example, 'give me the screwdriver')
    assert missing.wait(TIMEOUT) == 1, missing.output
    assert 'there is no screwdriver' in missing.output
    assert process.interrupt(30.0) == 0
    assert not children_of(tmp_path)
