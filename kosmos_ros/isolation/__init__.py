# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The model, and the decoding of pictures, in processes of their own: what may crash or hang."""
