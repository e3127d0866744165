# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Running tokens through the text decoder: sequences, their cache, and single steps."""
