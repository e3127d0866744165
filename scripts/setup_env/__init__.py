# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Prepare ``.venv``: ``make env``, which is ``python3 -m scripts.setup_env``.

Runs on the standard library alone. Each step leaves a stamp that names everything it was made
from, so a second run does only what has changed, and a run after a failure goes on from there.
"""
