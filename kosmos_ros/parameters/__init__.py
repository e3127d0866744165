# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Every parameter of the node, declared once: name, type, default, values, what it is for.

Needs neither ROS nor any other package: the launch file takes from here what its arguments say,
on whatever Python it runs. How a running node has them is in ``kosmos_ros.ros.parameters``.
"""
