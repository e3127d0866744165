# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Ask the running grounding node about the newest image of its camera.

    python examples/ask.py "the red mug"
    python examples/ask.py "what color is the mug?"
"""

import sys

import rclpy

from kosmos_ros import GroundingClient


def main() -> None:
    """Ask what the command line says and print the answer."""
    query = ' '.join(sys.argv[1:])
    rclpy.init()
    client = GroundingClient(rclpy.create_node('ask'))
    if not client.wait_until_ready(timeout=10.0):
        sys.exit(f'no grounding node answers at {client.service_name}: start one by "make run"')
    try:
        response = client.ask_and_wait(query)
    except TimeoutError as error:
        sys.exit(str(error))
    grounding = response.grounding
    if not response.success:
        sys.exit(f'no answer: {grounding.status_message}')

    print(grounding.text or '(no words)')
    if grounding.status_message:
        print(grounding.status_message)
    for detection in grounding.detections.detections:
        best, box = detection.results[0].hypothesis, detection.bbox
        center = box.center.position
        print(
            f'  {best.class_id}: score {best.score:.2f}, centre ({center.x:.0f}, {center.y:.0f}), '
            f'size {box.size_x:.0f} x {box.size_y:.0f} pixels'
        )
    rclpy.try_shutdown()


if __name__ == '__main__':
    main()
