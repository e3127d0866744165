# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Images as the core sees them: (H, W, 3) uint8 RGB arrays."""

import numpy as np
import numpy.typing as npt

RgbImage = npt.NDArray[np.uint8]
