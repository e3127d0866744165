# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
What the commands do once their arguments are read, one module each.

Each is imported when its command runs, and may therefore import whatever it needs.
"""
