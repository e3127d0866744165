# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What is said about a scene: captions, questions and answers, phrases, and their words."""
