# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What runs a model: the transformers runner, a scripted fake, and the factory."""
