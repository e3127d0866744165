# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Single words and fixed expressions: which there are, their forms, and finding them in a text."""
