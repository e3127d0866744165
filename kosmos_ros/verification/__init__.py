# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Published answers of the real model, compared with what a model answers here."""
