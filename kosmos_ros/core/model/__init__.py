# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What the models speak: prompts, tags, location tokens, and answers read from them."""
