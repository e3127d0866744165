# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What stands where in a scene, what is around it, and the camera that looks at it."""
