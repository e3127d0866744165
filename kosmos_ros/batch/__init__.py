# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Asks the same about many pictures, and writes the results for other programs."""

COCO, FRAMES, UNREADABLE = 'detections.coco.json', 'frames', 'unreadable.txt'
"""Names in the output folder, as far as the help tells them."""
