# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A checkpoint's fingerprint: its name does not say whether it was trained again."""

from __future__ import annotations

import hashlib
from pathlib import Path

_PATTERNS = ('*.safetensors', '*.json')
_NO_PART = 'self_check.json'
"""What the model has to answer does not change what it answers."""

_DIGITS = 16
_SMALL = 64 * 1024 * 1024
"""Bytes up to which a file's content counts; of larger ones size and time stand for it."""


def folder_fingerprint(folder: Path) -> str:
    """Return 16 hexadecimal digits that change with a checkpoint's weights or settings."""
    digest = hashlib.sha256()
    files = (file for pattern in _PATTERNS for file in folder.glob(pattern))
    for path in sorted(file for file in files if file.name != _NO_PART):
        status = path.stat()
        digest.update(f'{path.name}\0{status.st_size}\0'.encode())
        if status.st_size <= _SMALL:
            digest.update(path.read_bytes())
        else:
            digest.update(str(status.st_mtime_ns).encode())
    return digest.hexdigest()[:_DIGITS]
