# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The embedded model's card and its figures in the README, written from measurements."""
