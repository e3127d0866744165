# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Images as arrays, as messages and files hold them, and as the model is shown them."""
