# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The facts about a model that answers depend on."""

from __future__ import annotations

from argparse import Namespace

from kosmos_ros.backends.checkpoint.files import find_checkpoint
from kosmos_ros.results.fingerprint import folder_fingerprint


def model_facts(arguments: Namespace) -> dict[str, str]:
    """
    Return the facts that answers depend on: name, fingerprint of the folder, number formats.

    :raises ModelLoadError: if there is no such model.
    """
    return {
        'model': arguments.model,
        'checkpoint': folder_fingerprint(find_checkpoint(arguments.model)),
        'dtype': arguments.dtype,
        'quantization': arguments.quantization,
    }
