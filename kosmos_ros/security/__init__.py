# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What SROS2 lets each of our processes do; needs neither ROS nor SROS2."""
