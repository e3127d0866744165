# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Ask the running grounding node about the newest image of its camera.

    python examples/ask.py "the red mug"
    python examples/ask.py "what color is the mug?"
"""

import sys

from kosmos_ros_msgs.srv import Ground
import rclpy


def main() -> None:
    """Ask what the command line says and print the answer."""
    query = ' '.join(sys.argv[1:])
    rclpy.init()
    node = rclpy.create_node('ask')
    client = node.create_client(Ground, '/kosmos/grounding/ground')
    if not client.wait_for_service(timeout_sec=10.0):
        sys.exit('no grounding node answers at /kosmos/grounding/ground: start one by "make run"')

    future = client.call_async(Ground.Request(query=query))
    rclpy.spin_until_future_complete(node, future, timeout_sec=60.0)
    if not future.done():
        sys.exit('the grounding node did not answer within 60 s')
    response = future.result()
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
