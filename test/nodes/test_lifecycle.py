# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The life cycle of the grounding node, driven from another process as a manager does it.

Spans ``nodes.grounding_node`` and ``ros.executor.lifecycle``.
"""

from __future__ import annotations

import json
from pathlib import Path
import pickle
import shutil
import signal

from builtin_interfaces.msg import Duration
from diagnostic_msgs.msg import DiagnosticStatus
from kosmos_ros_msgs.msg import Grounding
from kosmos_ros_msgs.srv import Ground, SetStandingQuery
from lifecycle_msgs.srv import ChangeState
import pytest
import rclpy

from kosmos_ros.core.errors import ModelLoadError
from kosmos_ros.nodes.grounding_node import GroundingNode

EMBEDDED = Path(__file__).resolve().parents[2] / 'kosmos_ros' / 'models' / 'tabletop'
NOT_READY = Grounding.STATUS_NOT_READY

needs_embedded_model = pytest.mark.skipif(
    not (EMBEDDED / 'model.safetensors').is_file(), reason='this checkout has no embedded model'
)


def loads(node) -> int:
    """Return how often the node has begun to load a model."""
    return node.output.count('loading the model')


def test_each_state_says_what_helps_and_the_way_up_and_down_works(start_node, robot) -> None:
    node = start_node('quick', autostart=False)
    robot.film()
    refused = robot.ask_until(NOT_READY).grounding
    assert 'the node is unconfigured: ros2 lifecycle set /grounding configure' in (
        refused.status_message
    )
    standing = SetStandingQuery.Request(enabled=True, query='the red cube')
    assert 'unconfigured' in robot.call(robot.standing, standing).message
    robot.wait_until(lambda: robot.status('model').level == DiagnosticStatus.WARN)
    assert robot.status('model').message == 'unconfigured'
    assert robot.state() == 'unconfigured'
    assert loads(node) == 0
    assert robot.node.count_subscribers('/image') == 0

    assert robot.transition('configure')
    assert robot.state() == 'inactive'
    refused = robot.ask().grounding
    assert refused.status == NOT_READY
    assert 'the node is inactive: ros2 lifecycle set /grounding activate' in refused.status_message
    assert 'inactive' in robot.call(robot.standing, standing).message
    assert robot.node.count_subscribers('/image') == 0

    assert robot.transition('activate')
    assert robot.state() == 'active'
    robot.ask_until(Grounding.STATUS_FOUND)
    robot.wait_until(lambda: robot.status('model').level == DiagnosticStatus.OK)
    assert robot.value('model', 'life cycle') == 'active'

    assert robot.transition('deactivate')
    assert robot.ask().grounding.status == NOT_READY
    robot.wait_until(lambda: not robot.node.count_subscribers('/image'))
    assert robot.transition('activate')
    robot.ask_until(Grounding.STATUS_FOUND)
    assert loads(node) == 1

    assert robot.transition('deactivate')
    assert robot.transition('cleanup')
    assert robot.state() == 'unconfigured'
    assert robot.transition('configure')
    assert robot.transition('activate')
    robot.ask_until(Grounding.STATUS_FOUND)
    assert loads(node) == 2


def test_what_cannot_be_configured_leaves_nothing_behind(start_node, robot) -> None:
    node = start_node('quick', autostart=False, standing_enabled=True, standing_task='locate')
    robot.wait_until(lambda: robot.status('model').message == 'unconfigured')
    robot.wait_for_no_more_topics()
    assert not robot.transition('configure')
    node.wait_for_output('configuring failed: ')
    assert robot.state() == 'unconfigured'
    robot.wait_for_no_more_topics()
    assert robot.set_parameter('standing_query', 'the red cube').successful
    assert robot.transition('configure')
    assert 'Traceback' not in node.output


def test_what_is_configured_while_the_process_ends_is_not_loaded(ros_domain: int) -> None:
    loads = []
    rclpy.init()
    node = GroundingNode(loads.append)
    node.end_transitions()
    assert node.stop(0.0)
    with pytest.raises(ModelLoadError, match='shutting down'):
        node.configure()
    assert loads == []
    node.destroy_node()
    rclpy.shutdown()


@pytest.mark.parametrize('ups', [[], ['configure'], ['configure', 'activate']])
def test_from_each_state_it_can_be_shut_down_and_interrupted(start_node, robot, ups) -> None:
    node = start_node('quick', autostart=False)
    for label in ups:
        assert robot.transition(label)
    assert robot.transition('shutdown')
    assert robot.state() == 'finalized'
    refused = robot.ask().grounding
    assert refused.status == NOT_READY
    assert 'the node is finalized: start its process anew' in refused.status_message
    assert not robot.transition('configure')
    assert node.interrupt() == 0
    assert 'Traceback' not in node.output


@pytest.mark.parametrize('ups', [[], ['configure'], ['configure', 'activate', 'deactivate']])
def test_in_states_without_answers_a_signal_ends_it_with_0(start_node, robot, ups) -> None:
    node = start_node('quick', autostart=False)
    for label in ups:
        assert robot.transition(label)
    robot.wait_until(robot.get_state.service_is_ready)
    assert node.interrupt() == 0
    assert 'Traceback' not in node.output


def test_a_transition_that_the_state_does_not_allow_is_refused(start_node, robot) -> None:
    node = start_node('quick', autostart=False)
    for label in ('activate', 'deactivate', 'cleanup', 'fly'):
        assert not robot.transition(label)
    unknown = ChangeState.Request()
    unknown.transition.id = 77
    assert not robot.call(robot.change_state, unknown).success
    assert robot.state() == 'unconfigured'
    node.wait_for_output('there is no transition 77 from unconfigured')
    assert robot.transition('configure')
    assert not robot.transition('configure')
    assert robot.state() == 'inactive'
    assert 'Traceback' not in node.output


def test_while_the_model_loads_everything_else_goes_on(start_node, robot, tmp_path) -> None:
    gate = tmp_path / 'gate'
    start_node('gated', environment={'GATE': str(gate)}, autostart=False)
    assert robot.state() == 'unconfigured'
    configuring = robot.begin_transition('configure')
    robot.wait_until(lambda: robot.state() == 'configuring')
    assert robot.ask().grounding.status == NOT_READY
    robot.wait_until(
        lambda: 'the model has been loading for' in robot.ask().grounding.status_message
    )
    robot.wait_until(lambda: robot.status('model').message == 'loading')
    assert robot.set_parameter('min_score', 0.25).successful
    refused = robot.set_parameter('model', 'other')
    assert 'model can be set only while the node is unconfigured' in refused.reason
    assert not configuring.done()
    gate.touch()
    robot.wait_until(configuring.done)
    assert configuring.result().success


def test_configuring_that_fails_can_be_tried_again(start_node, robot) -> None:
    node = start_node('broken at first', autostart=False)
    assert not robot.transition('configure')
    assert robot.state() == 'unconfigured'
    robot.wait_until(lambda: robot.status('model').level == DiagnosticStatus.ERROR)
    assert '/models/tabletop/model.safetensors is truncated' in robot.status('model').message
    refused = robot.ask().grounding
    assert refused.status == Grounding.STATUS_MODEL_ERROR
    assert 'model.safetensors is truncated' in refused.status_message
    assert 'ros2 lifecycle set /grounding configure' in refused.status_message
    assert 'Traceback' not in node.output
    # What nobody foresaw leaves its trace in the log, and no more.
    assert not robot.transition('configure')
    assert robot.state() == 'unconfigured'
    node.wait_for_output('KeyError')
    assert robot.transition('configure')
    assert robot.transition('activate')
    robot.film()
    robot.ask_until(Grounding.STATUS_FOUND)


@pytest.mark.parametrize('behaviour', ['hanging', 'deaf'])
def test_deactivating_in_the_middle_of_an_answer_cancels_it(
    start_node, robot, behaviour: str
) -> None:
    node = start_node(behaviour)
    robot.film()
    robot.ask_until(Grounding.STATUS_TIMEOUT, timeout=Duration(nanosec=1))
    pending = [robot.ground.call_async(Ground.Request(query='the red cube')) for _ in range(3)]
    robot.wait_until(lambda: robot.value('requests', 'waiting') in ('2', '3'))
    assert robot.transition('deactivate')
    robot.wait_until(lambda: all(future.done() for future in pending))
    for future in pending:
        assert future.result().grounding.status == Grounding.STATUS_CANCELLED
    assert robot.transition('activate')
    robot.ask_until(Grounding.STATUS_TIMEOUT, timeout=Duration(nanosec=200_000_000))
    assert loads(node) == 1
    assert node.interrupt() == 0


def test_a_model_in_this_process_that_hangs_is_reported_and_keeps_the_node_from_no_end(
    start_node, robot
) -> None:
    node = start_node('deaf', hang_timeout=0.5)
    robot.film()
    robot.ask_until(Grounding.STATUS_TIMEOUT, timeout=Duration(nanosec=200_000_000))
    robot.wait_until(lambda: robot.status('model').level == DiagnosticStatus.ERROR)
    assert 'hangs' in robot.status('model').message
    assert loads(node) == 1
    assert node.interrupt() == 0


BONDPY = """
print_ = lambda what: print('bond:', what, flush=True)
class Bond:
    sub = pub = None  # the node takes what it does not know for gone
    def __init__(self, node, topic, bond_id, on_broken=None, on_formed=None):
        print_(f'made {node.get_name()} {topic} {bond_id}')
    def set_heartbeat_period(self, per): print_(f'period {per}')
    def set_heartbeat_timeout(self, dur): print_(f'timeout {dur}')
    def start(self): print_('started')
    def break_bond(self): print_('broken')
    def shutdown(self): print_('ended')
"""


def install_bondpy(folder: Path, code: str) -> None:
    """Put a package of this name into a folder for PYTHONPATH."""
    package = folder / 'bondpy'
    package.mkdir()
    (package / '__init__.py').touch()
    (package / 'bondpy.py').write_text(code)


def test_a_bond_that_cannot_be_made_keeps_the_node_from_nothing(
    start_node, robot, tmp_path
) -> None:
    install_bondpy(tmp_path, 'import smclib_that_is_not_there\n')
    node = start_node('quick', environment={'PYTHONPATH': str(tmp_path)})
    node.wait_for_output('makes no bond, and a life-cycle manager that expects one')
    node.wait_for_output("No module named 'smclib_that_is_not_there'")
    robot.film()
    robot.ask_until(Grounding.STATUS_FOUND)
    assert robot.state() == 'active'
    assert 'Traceback' not in node.output


def test_the_bond_lasts_as_long_as_the_node_is_active(start_node, robot, tmp_path) -> None:
    install_bondpy(tmp_path, BONDPY)
    node = start_node('quick', environment={'PYTHONPATH': str(tmp_path)}, autostart=False)

    def told() -> list[str]:
        return [line[6:] for line in node.output.splitlines() if line.startswith('bond: ')]

    made = ['made grounding bond grounding', 'period 0.1', 'timeout 4.0', 'started']
    assert robot.transition('configure')
    assert told() == []
    assert robot.transition('activate')
    assert told() == made
    assert robot.transition('deactivate')
    robot.wait_until(lambda: told() == [*made, 'broken', 'ended'])
    assert robot.transition('activate')
    assert robot.transition('shutdown')
    robot.wait_until(lambda: told() == [*made, 'broken', 'ended', *made, 'broken', 'ended'])
    assert 'Traceback' not in node.output


def test_a_process_that_is_ended_breaks_its_bond(start_node, robot, tmp_path) -> None:
    install_bondpy(tmp_path, BONDPY)
    node = start_node('quick', environment={'PYTHONPATH': str(tmp_path)})
    robot.wait_until(lambda: robot.state() == 'active')
    node.wait_for_output('bond: started')
    assert node.interrupt() == 0
    assert node.output.count('bond: broken') == node.output.count('bond: ended') == 1
    assert 'Traceback' not in node.output


class Canary:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self._path,)


def damaged_models(folder: Path) -> dict[str, str]:
    """Make checkpoints that cannot be loaded; return what is said of each."""
    said = {
        'missing': str(folder / 'missing'),
        'flipped': str(folder / 'flipped' / 'model.safetensors'),
        'pickled': 'pytorch_model.bin',
        'huge': f'{folder / "huge" / "config.json"}: text_config.layers is beyond the limit',
    }
    for name in list(said)[1:]:
        shutil.copytree(EMBEDDED, folder / name)
    weights = folder / 'flipped' / 'model.safetensors'
    content = bytearray(weights.read_bytes())
    content[12] ^= 0xFF
    weights.write_bytes(content)
    (folder / 'pickled' / 'model.safetensors').unlink()
    (folder / 'pickled' / 'pytorch_model.bin').write_bytes(pickle.dumps(Canary(folder / 'ran')))
    config = folder / 'huge' / 'config.json'
    content = json.loads(config.read_text())
    content['text_config']['layers'] = 10**9
    config.write_text(json.dumps(content))
    (folder / 'huge' / 'SHA256SUMS').unlink()
    return said


@needs_embedded_model
@pytest.mark.timeout(600)
def test_damaged_models_are_named_and_the_next_model_works(start_process, robot, tmp_path) -> None:
    node = start_process(
        *('-m', 'kosmos_ros.nodes.grounding_node', '--ros-args'),
        *('-p', 'autostart:=false', '-p', 'hang_timeout:=3.0', '-p', 'device:=cpu'),
    )
    for name, problem in damaged_models(tmp_path).items():
        assert robot.set_parameter('model', str(tmp_path / name)).successful
        assert not robot.transition('configure')
        assert problem in robot.ask().grounding.status_message
        robot.wait_until(lambda problem=problem: problem in robot.status('model').message)
    assert not (tmp_path / 'ran').exists()
    assert robot.set_parameter('model', 'tabletop').successful
    assert robot.transition('configure')
    assert robot.transition('activate')
    assert 'libtorch' not in Path(f'/proc/{node.pid}/maps').read_text()
    robot.film()
    robot.wait_until(lambda: robot.ask(query='').success)
    assert 'Traceback' not in node.output
    node.signal(signal.SIGINT)
    assert node.wait() == 0
