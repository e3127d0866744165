# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The fingerprint of a checkpoint: whether it is the model that something was measured on.

It is taken at every load, so it must not read gigabytes. Of each file of weights its size, its
header and some bytes from the middle of every tensor count, of the small files beside it all. A
model that was trained further has other bytes nearly everywhere; a change of single weights shows
only where they were among the samples. Names of folders, times, and files that are not loaded do
not count, so that a copy has the same fingerprint.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from kosmos_ros.backends.checkpoint.files import JSON_FILES, weight_files
from kosmos_ros.backends.checkpoint.small_files import load_errors, MOST_BYTES
from kosmos_ros.core.errors import ModelLoadError

_DIGITS = 32
_SAMPLE = 256
"""Bytes of each tensor: of the full-size model a fifth of a megabyte."""


def model_fingerprint(folder: Path) -> str:
    """
    Return 32 hexadecimal digits that change with a checkpoint's weights, tokenizer and settings.

    :raises ModelLoadError: if weights are missing or damaged.
    """
    digest = hashlib.sha256()
    for name in sorted(JSON_FILES):
        if (folder / name).is_file():
            digest.update(f'{name}\0'.encode())
            digest.update((folder / name).read_bytes())
    for path in weight_files(folder):
        with load_errors(path):
            digest.update(_sampled(path))
    return digest.hexdigest()[:_DIGITS]


def _sampled(path: Path) -> bytes:
    """Return the digest of a file's size, header and samples (safetensors' format)."""
    digest = hashlib.sha256(str(path.stat().st_size).encode())
    with path.open('rb') as stream:
        length = int.from_bytes(stream.read(8), 'little')
        if length > MOST_BYTES:
            raise ModelLoadError(f'{path} is damaged: a header of {length} bytes')
        header = stream.read(length)
        digest.update(header)
        tensors = json.loads(header)
        for name in sorted(tensors.keys() - {'__metadata__'}):
            begin, end = tensors[name]['data_offsets']
            stream.seek(8 + length + max(begin, (begin + end - _SAMPLE) // 2))
            digest.update(stream.read(min(_SAMPLE, end - begin)))
    return digest.digest()
