# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Texts about a scene: captions, questions and answers, phrases, and their words."""
