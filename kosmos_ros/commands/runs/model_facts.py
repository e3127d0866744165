# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What answers depend on of a model."""

from __future__ import annotations

from argparse import Namespace

from kosmos_ros.backends.checkpoint.files import find_checkpoint
from kosmos_ros.results.fingerprint import folder_fingerprint


def model_facts(arguments: Namespace) -> dict[str, str]:
    """
    Return what answers depend on of a model: its name, what its folder holds, and its numbers.

    :raises ModelLoadError: if there is no such model.
    """
    return {
        'model': arguments.model,
        'checkpoint': folder_fingerprint(find_checkpoint(arguments.model)),
        'dtype': arguments.dtype,
        'quantization': arguments.quantization,
    }
