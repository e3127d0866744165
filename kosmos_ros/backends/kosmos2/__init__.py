# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""KOSMOS-2 with the classes of transformers: encoding images, locating phrases, writing text."""
