# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The same processes for the user's own calls, RViz and Foxglove, until Ctrl-C."""

from __future__ import annotations

from collections.abc import Sequence
import os
from pathlib import Path
import sys
import time

from kosmos_ros.bringup import ParameterValue
from kosmos_ros.config_files import config_file
from kosmos_ros.demo.client import Patience
from kosmos_ros.demo.session import DemoOptions, RESPONSE_TIMEOUT
from kosmos_ros.demo.system import running_system
from kosmos_ros.demo.truth import Truth
from kosmos_ros.ending import end_by, is_ending

_STANDING: dict[str, ParameterValue] = {
    'standing_enabled': True,
    'standing_task': 'describe',
    'standing_rate_hz': 1.0,
}
"""A caption a second, so that there is an annotated image to see before anybody asks."""

_POLL_SECONDS = 0.1
_CONTAINERS = ('bowl', 'mug', 'box')


def keep_running(options: DemoOptions) -> None:
    """
    Run camera and node in the user's ROS domain and say how to talk to them, until Ctrl-C.

    :raises KosmosError: if a process dies or does not respond.
    """
    parameters = {**_STANDING, **options.parameters}
    with running_system(options.output, options.seed, parameters, shared=True) as running:
        patience = Patience('an image of the camera', RESPONSE_TIMEOUT)
        view = running.client.wait_for_view(0, patience)
        running.client.stop_watching()
        print(f'\n{instructions(view.truth)}\n', flush=True)
        end_by(lambda _: None, status=0)  # the intended end
        while not is_ending():
            running.check()
            time.sleep(_POLL_SECONDS)


def instructions(truth: Truth) -> str:
    """Return commands to try, about the current scene."""
    names = [thing.name for thing in truth.askable] or ['red cube']
    domain = os.environ.get('ROS_DOMAIN_ID', '0')
    instruction = example_instruction(names)
    request = f"{{query: 'the {names[0]}'}}"
    examples = Path(__file__).resolve().parents[2] / 'examples'
    ask, pick = _readable(examples / 'ask.py'), _readable(examples / 'pick_by_instruction.py')
    python = _readable(Path(sys.executable))
    return f"""\
Running in ROS domain {domain} until Ctrl-C. The camera sees: {', '.join(names)}.

In a second terminal, without ROS installed:
  {python} {ask} "the {names[0]}"
  {python} {pick} "{instruction}"
  {python} -m kosmos_ros.cli watch --open     # in a browser
With ROS 2 and this workspace sourced:
  ros2 service call /kosmos/grounding/ground kosmos_ros_msgs/srv/Ground "{request}"
  ros2 topic echo /kosmos/grounding/groundings
  ros2 param set /camera/tabletop_camera seed 7        # look at another scene
  rviz2 -d {_readable(config_file('grounding.rviz'))}
In Foxglove: import {_readable(config_file('foxglove_layout.json'))}"""


def example_instruction(names: Sequence[str]) -> str:
    """Return an instruction for a robot about objects of these names, at least one."""
    containers = [name for name in names if name.split()[-1] in _CONTAINERS]
    others = [name for name in names if name not in containers[:1]]
    if not containers or not others:
        return f'pick up the {names[0]}'
    return f'put the {others[0]} into the {containers[0]}'


def _readable(path: Path) -> str:
    """Return the path as short as the current folder allows."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
