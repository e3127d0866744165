# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What long runs leave behind, so that they can be interrupted, go on and be looked at."""
