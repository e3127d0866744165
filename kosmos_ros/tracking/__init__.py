# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Carries the boxes of an answer from the image they were found in to newer images."""
