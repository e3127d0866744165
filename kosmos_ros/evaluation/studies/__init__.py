# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Studies beyond right and wrong: corners, positions, wordings."""
