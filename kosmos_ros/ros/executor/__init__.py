# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Life cycle, errors in callbacks, waiting, logging: what runs a node."""
