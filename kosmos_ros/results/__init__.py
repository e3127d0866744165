# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Results of long runs: a journal to resume from, pages and plots."""
