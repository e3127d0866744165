# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Search for inputs that break what reads untrusted ones: ``make fuzz``."""
