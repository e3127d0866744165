# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What is in the output folder of a batch."""

from __future__ import annotations

JOURNAL, COCO, CSV = 'answers.jsonl', 'detections.coco.json', 'detections.csv'
PICTURES, FRAMES = 'pictures', 'frames'
PLOT, UNREADABLE = 'summary.png', 'unreadable.txt'
