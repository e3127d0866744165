# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""From a scene to pixels, depth, and the boxes of visible objects."""
