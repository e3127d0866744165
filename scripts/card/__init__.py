# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What the embedded model's card and the README say of it, written from what was measured."""
