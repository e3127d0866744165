# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Find the objects of an instruction in the image and in space, as a manipulator needs them.

    python examples/pick_by_instruction.py "put the red mug left of the blue box into the bowl"

Prints each target and destination with its box and 3D position, and marks the first target in the
simulated camera's images. Exit codes: 0 everything has a position, 1 something is not found,
2 wrong usage, 3 something is found but has no position, 4 no answer.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from geometry_msgs.msg import PointStamped
from kosmos_ros_msgs.msg import GroundedPhrase, Grounding
from kosmos_ros_msgs.srv import Ground
import rclpy
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.publisher import Publisher

from kosmos_ros import GroundingClient

SIMULATED_FRAME = 'tabletop_camera_optical_frame'
FOUND, NOT_FOUND, WRONG_USAGE, NO_POSITION, NO_ANSWER = range(5)
ROLES = {
    GroundedPhrase.ROLE_TARGET: 'target',
    GroundedPhrase.ROLE_DESTINATION: 'destination',
    GroundedPhrase.ROLE_REFERENCE: 'reference',
}


def main() -> int:
    """Ask what the command line says, print and mark the answer, and return the exit code."""
    instruction = ' '.join(sys.argv[1:])
    if not instruction:
        print('usage: pick_by_instruction.py INSTRUCTION', file=sys.stderr)
        return WRONG_USAGE
    rclpy.init()
    node = rclpy.create_node('pick_by_instruction')
    # Created before the question, so that the camera is discovered while the answer is on its way.
    marker = node.create_publisher(PointStamped, '/camera/mark', 1)
    try:
        grounding = ask(node, instruction)
        return NO_ANSWER if grounding is None else report(node, marker, grounding)
    finally:
        node.destroy_node()
        rclpy.try_shutdown()


def ask(node: Node, instruction: str) -> Grounding | None:
    """Return the node's answer about the newest image, None if there is none."""
    client = GroundingClient(node)
    if not client.wait_until_ready(timeout=10.0):
        print('no grounding node at /kosmos/grounding: start one by "make run"', file=sys.stderr)
        return None
    try:
        response = client.ask_and_wait(instruction, task=Ground.Request.TASK_INSTRUCT)
    except TimeoutError as error:
        print(error, file=sys.stderr)
        return None
    if not response.success:
        print(f'no answer: {response.grounding.status_message}', file=sys.stderr)
        return None
    return response.grounding


def report(node: Node, marker: Publisher, grounding: Grounding) -> int:
    """Print what was found, mark the first target, and return the exit code."""
    positions = {found.id: found for found in grounding.detections_3d.detections}
    missing = [describe(phrase, grounding, positions) for phrase in grounding.phrases]
    if grounding.status_message:
        print(grounding.status_message)
    if grounding.status != Grounding.STATUS_FOUND:
        return NOT_FOUND
    for phrase in grounding.phrases:
        if phrase.role == GroundedPhrase.ROLE_TARGET and phrase.detections:
            first = grounding.detections.detections[phrase.detections[0]]
            if first.id in positions:
                mark(node, marker, positions[first.id])
            break
    if any(missing):
        print(f'no position: {grounding.status_3d_message or "the camera has no depth topic"}')
        return NO_POSITION
    return FOUND


def describe(phrase: GroundedPhrase, grounding: Grounding, positions: dict[str, Any]) -> bool:
    """Print an object's best box and its position; tell whether the position is missing."""
    print(f'{ROLES.get(phrase.role, "object")}: {phrase.text}')
    if not phrase.detections:
        print(f'  not found (existence {phrase.existence:.2f})')
        return False
    best = grounding.detections.detections[phrase.detections[0]]
    box = best.bbox
    print(
        f'  box {box.size_x:.0f} x {box.size_y:.0f} pixels around '
        f'({box.center.position.x:.0f}, {box.center.position.y:.0f}), '
        f'score {best.results[0].hypothesis.score:.2f}'
    )
    if best.id not in positions:
        print('  no depth there')
        return phrase.role != GroundedPhrase.ROLE_REFERENCE
    point = positions[best.id].bbox.center.position
    frame = grounding.detections_3d.header.frame_id
    print(f'  at x {point.x:.3f}, y {point.y:.3f}, z {point.z:.3f} m in {frame}')
    return False


def mark(node: Node, marker: Publisher, found: Any) -> None:
    """Have the simulated camera, if there is one, show a pole at a position."""
    # Real cameras do not subscribe to marks, so the wait for a subscriber is short.
    patience = 10.0 if found.header.frame_id == SIMULATED_FRAME else 1.0
    deadline = time.monotonic() + patience
    while not marker.get_subscription_count():
        if time.monotonic() >= deadline:
            return
        rclpy.spin_once(node, timeout_sec=0.1)
    marker.publish(PointStamped(header=found.header, point=found.bbox.center.position))
    # There is no confirmation from the camera; leaving at once could lose the mark.
    marker.wait_for_all_acked(Duration(seconds=2))
    print('marked in the images of the simulated camera for 3 s')


if __name__ == '__main__':
    sys.exit(main())
