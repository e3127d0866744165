# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Simulated time: set back when a simulation is reset, at a standstill while one is paused.

Spans ``nodes.grounding_node``, ``ros.cameras`` and ``ros.answering``.
"""

from __future__ import annotations

from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticArray
from kosmos_ros_msgs.msg import Grounding
import pytest
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Image


def test_a_clock_that_is_set_back_clears_what_was_seen(start_node, robot) -> None:
    node = start_node('quick', use_sim_time=True, max_image_age=0.0)
    clock = robot.node.create_publisher(Clock, '/clock', 10)
    camera = robot.node.create_publisher(Image, 'image', 1)
    robot.wait_until(camera.get_subscription_count)
    now = [1000]
    robot.node.create_timer(0.05, lambda: clock.publish(Clock(clock=Time(sec=now[0]))))

    def answered(sec: int) -> bool:
        """Show an image, and tell whether it is answered at the time of the simulation."""
        image = Image(width=4, height=4, encoding='mono8', step=4, data=[9] * 16)
        image.header.stamp.sec = sec
        camera.publish(image)
        answer = robot.ask().grounding
        told = (answer.status, answer.header.stamp.sec, answer.image_age.sec)
        return told == (Grounding.STATUS_FOUND, sec, now[0] - sec)

    robot.wait_until(lambda: answered(800))
    robot.wait_until(lambda: robot.value('encoded images', 'frames held') == '1')
    made = int(robot.value('encoded images', 'encodings made'))
    now[0] = 500
    robot.wait_until(
        lambda: 'the clock was set by -500.000 s: images are forgotten' in node.output
    )
    # The image of a future that was taken back does not pass for the newest.
    gone = robot.ask().grounding
    assert gone.status == Grounding.STATUS_NO_IMAGE
    assert 'no image has come' in gone.status_message
    robot.wait_until(lambda: answered(300))
    # What was encoded before is forgotten too: the counts begin anew.
    robot.wait_until(lambda: robot.value('encoded images', 'frames held') == '1')
    assert int(robot.value('encoded images', 'encodings made')) <= made
    assert 'Traceback' not in node.output


@pytest.mark.parametrize('stamp', [100, 0])
def test_while_the_clock_stands_still_no_image_gets_old(start_node, robot, stamp: int) -> None:
    node = start_node('quick', use_sim_time=True, max_image_age=0.25)
    clock = robot.node.create_publisher(Clock, '/clock', 10)
    camera = robot.node.create_publisher(Image, 'image', 1)
    robot.wait_until(camera.get_subscription_count)
    now = Time(sec=100)
    robot.node.create_timer(0.02, lambda: clock.publish(Clock(clock=now)))
    robot.ask_until(Grounding.STATUS_NO_IMAGE)
    told: list[DiagnosticArray] = []
    robot.node.create_subscription(DiagnosticArray, '/diagnostics', told.append, 10)
    # The clock has to have begun before the image comes.
    robot.wait_until(lambda: told and told[-1].header.stamp == now)
    image = Image(width=4, height=4, encoding='mono8', step=4, data=[9] * 16)
    image.header.stamp.sec = stamp
    camera.publish(image)
    robot.ask_until(Grounding.STATUS_FOUND)
    robot.spin_for(0.5)
    answer = robot.ask().grounding
    assert (answer.status, answer.image_age.sec, answer.image_age.nanosec) == (1, 0, 0)
    assert "camera 'camera' is lost" not in node.output
    now.sec = 101
    stale = robot.ask_until(Grounding.STATUS_STALE_IMAGE).grounding
    assert 'is 1.00 s old' in stale.status_message
