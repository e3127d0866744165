# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Headers of weights, JSON of checkpoints, and messages of the web page."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
import tempfile

from kosmos_ros.backends.checkpoint.calibration_file import CALIBRATION_FILE, read_calibration
from kosmos_ros.backends.checkpoint.files import check_checkpoint, weight_shapes
from kosmos_ros.core.errors import ModelLoadError
from kosmos_ros.watch.protocol import parse, ProtocolError

_FOLDER = tempfile.TemporaryDirectory(prefix='kosmos_ros_fuzz_')
_NAMES = ('model.safetensors', CALIBRATION_FILE, 'config.json', 'model.safetensors.index.json')


def read(data: bytes) -> None:
    """Read the first byte as the kind of file, the others as what is in it."""
    kind = data[0] % 5 if data else 4
    if kind == 4:
        with suppress(ProtocolError):
            parse(data[1:].decode('utf-8', 'replace'))
        return
    folder, path = Path(_FOLDER.name), Path(_FOLDER.name, _NAMES[kind])
    path.write_bytes(data[1:])
    for check in (weight_shapes, read_calibration, check_checkpoint):
        with suppress(ModelLoadError):
            check(folder)
    path.unlink()
