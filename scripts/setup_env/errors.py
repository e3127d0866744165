# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The one error of this tool: something that the user has to do."""


class SetupError(Exception):
    """The environment cannot be made; the message says why and what to type."""
