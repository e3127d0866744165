# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Load and soak: the real node under many calls at once, and under faults for hours."""
