# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Services, the action, publishers and diagnostics: the node's interface to others."""
