# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What English queries say: words, objects, steps of instructions, the task that they ask for."""
