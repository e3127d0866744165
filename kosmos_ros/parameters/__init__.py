# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Every parameter of the node, declared once: name, type, default, values, description.

Needs neither ROS nor any other package: the launch file takes its arguments from here, whatever
Python it runs on. ``kosmos_ros.ros.parameters`` declares them in a running node.
"""
