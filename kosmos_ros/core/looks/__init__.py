# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Looking closer: which parts of an image to show the model, and one answer of several looks."""
