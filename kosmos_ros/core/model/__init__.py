# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The language of the models: prompts, tags, location tokens, and answers parsed from them."""
