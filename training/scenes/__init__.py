# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Making the scenes of training: rendered pools of them, and models of parts."""
