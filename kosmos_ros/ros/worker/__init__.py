# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The one thread that owns the model, its queue and its deadlines."""
