# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The run that makes the embedded model: its settings, workers, state and validation."""
