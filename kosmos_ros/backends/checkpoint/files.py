# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Find a checkpoint's folder and check its files before anything is loaded from them.

Only safetensors weights and JSON are ever read: a pickle (``*.bin``, ``*.pt``) could run code.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
import re
from typing import Any

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError
from safetensors import safe_open, SafetensorError

from kosmos_ros.backends.settings import EMBEDDED_MODEL
from kosmos_ros.core.errors import ModelLoadError
from kosmos_ros.core.files import write_text

MODEL_TYPE = 'kosmos-2'
FILE_PATTERNS = ('*.safetensors', '*.json')
"""What a checkpoint needs; pickled weights and Python files are left behind."""

CHECKSUMS = 'SHA256SUMS'
"""Optional file in a checkpoint, as ``sha256sum`` writes it; checked at every load."""

_EMBEDDED = Path(__file__).parents[2] / 'models' / EMBEDDED_MODEL
_HUB_ID = re.compile(r'[\w-][\w.-]*/[\w-][\w.-]*')
_WEIGHTS = 'model.safetensors'
_INDEX = 'model.safetensors.index.json'
_PICKLES = ('*.bin', '*.pt', '*.pth', '*.ckpt', '*.pkl')
_CHUNK = 1 << 20


def find_checkpoint(model: str) -> Path:
    """
    Return the folder of a model, without using the network.

    :param model: ``'tabletop'``, a folder, or a hub id that was downloaded before.
    :raises ModelLoadError: if there is no such folder or it is not in the local cache.
    """
    if model == EMBEDDED_MODEL:
        return _require_folder(_EMBEDDED, 'the embedded model is missing from this installation')
    folder = Path(model).expanduser()
    if folder.is_dir():
        return folder
    if not _HUB_ID.fullmatch(model):
        raise ModelLoadError(f'model {model!r}: no such folder, and not a hub id (owner/name)')
    return _find_in_cache(model)


def check_checkpoint(folder: Path) -> None:
    """
    Check that all files of a KOSMOS-2 checkpoint are there and readable.

    :raises ModelLoadError: naming the file that is missing or damaged.
    """
    config = read_json(folder / 'config.json')
    model_type = config.get('model_type')
    if model_type != MODEL_TYPE:
        raise ModelLoadError(
            f'{folder / "config.json"}: expected model_type {MODEL_TYPE!r}, got {model_type!r}'
        )
    read_json(folder / 'tokenizer.json')
    _check_processor_config(folder)
    for weights in weight_files(folder):
        _check_safetensors(weights)
    _check_sums(folder)


def weight_files(folder: Path) -> tuple[Path, ...]:
    """
    Return the safetensors files of a checkpoint.

    :raises ModelLoadError: if there are none or the index is damaged.
    """
    if (folder / _WEIGHTS).is_file():
        return (folder / _WEIGHTS,)
    index = folder / _INDEX
    if not index.is_file():
        raise ModelLoadError(_no_weights_message(folder))
    shards = read_json(index).get('weight_map')
    if not isinstance(shards, dict) or not shards:
        raise ModelLoadError(f'{index}: expected a weight_map that names the weight files')
    return tuple(folder / Path(name).name for name in sorted(set(shards.values())))


def read_json(path: Path) -> dict[str, Any]:
    """
    Return the object in a JSON file.

    :raises ModelLoadError: naming the file, if it is missing or holds no JSON object.
    """
    try:
        content = json.loads(path.read_text(encoding='utf-8'))
    except FileNotFoundError as error:
        raise ModelLoadError(f'{path} is missing') from error
    except (OSError, ValueError) as error:
        raise ModelLoadError(f'{path} is damaged or unreadable: {error}') from error
    if not isinstance(content, dict):
        raise ModelLoadError(f'{path}: expected a JSON object, got {type(content).__name__}')
    return content


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open('rb') as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def write_checksums(folder: Path) -> Path:
    """Write ``SHA256SUMS`` over the files of a checkpoint that are loaded; return its path."""
    files = sorted(path for pattern in FILE_PATTERNS for path in folder.glob(pattern))
    target = folder / CHECKSUMS
    lines = [f'{sha256_of(path)}  {path.name}\n' for path in files]
    write_text(target, ''.join(lines))
    return target


def _find_in_cache(model_id: str) -> Path:
    try:
        folder = snapshot_download(
            model_id, local_files_only=True, allow_patterns=list(FILE_PATTERNS)
        )
    except (LocalEntryNotFoundError, HFValidationError) as error:
        raise ModelLoadError(
            f'model {model_id!r} is neither a folder nor in the local cache; download it once '
            f'with: kosmos-ros download {model_id}'
        ) from error
    return Path(folder)


def _require_folder(folder: Path, message: str) -> Path:
    if not folder.is_dir():
        raise ModelLoadError(f'{message}: expected {folder}')
    return folder


def _check_processor_config(folder: Path) -> None:
    names = ('processor_config.json', 'preprocessor_config.json')
    present = [folder / name for name in names if (folder / name).is_file()]
    if not present:
        raise ModelLoadError(f'{folder} has neither {names[0]} nor {names[1]}')
    for path in present:
        read_json(path)


def _check_safetensors(path: Path) -> None:
    if not path.is_file():
        raise ModelLoadError(f'{path} is missing')
    try:
        with safe_open(path, framework='numpy') as weights:
            count = len(weights.keys())
    except (SafetensorError, OSError) as error:
        raise ModelLoadError(f'{path} is damaged or incomplete: {error}') from error
    if count == 0:
        raise ModelLoadError(f'{path} holds no weights')


def _check_sums(folder: Path) -> None:
    sums = folder / CHECKSUMS
    if not sums.is_file():
        return
    for line in sums.read_text(encoding='utf-8').splitlines():
        expected, _, name = line.partition('  ')
        path = folder / Path(name).name
        if not path.is_file():
            raise ModelLoadError(f'{path} is missing')
        if sha256_of(path) != expected:
            raise ModelLoadError(f'{path} is damaged: its SHA-256 is not the one in {sums}')


def _no_weights_message(folder: Path) -> str:
    pickles = sorted(path.name for pattern in _PICKLES for path in folder.glob(pattern))
    if pickles:
        return (
            f'{folder} holds only pickled weights ({", ".join(pickles)}), which could run code '
            f'and are never loaded; {_WEIGHTS} is needed'
        )
    return f'{folder / _WEIGHTS} is missing'
