# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
A web page that shows what the grounding node sees and answers: ``kosmos-ros watch``.

Two threads: one runs ROS (``node``), one the web server and everything that belongs to the
page (``hub`` and the rest). They hand each other values and callbacks, and share nothing.
"""
