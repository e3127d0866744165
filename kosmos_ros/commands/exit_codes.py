# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Exit codes of ``kosmos-ros``."""

FOUND = 0
NOT_FOUND = 1
BAD_INPUT = 2
MODEL_FAILED = 3
SOME_UNREADABLE = 4
INTERRUPTED = 130

DESCRIPTION = (
    'exit codes: 0 answered, 1 nothing found (or every score too low), 2 wrong usage or input, '
    '3 the model cannot be loaded or failed, 130 interrupted'
)
