# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Find a checkpoint's folder and check its files before anything is loaded from them.

Only safetensors weights and JSON are ever read: a pickle (``*.bin``, ``*.pt``) could run code.
"""

from __future__ import annotations

from collections.abc import Sequence
import hashlib
from pathlib import Path
import re

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError
from safetensors import safe_open

from kosmos_ros.backends.checkpoint.small_files import (
    check_numbers,
    check_regular,
    load_errors,
    MOST_BYTES,
    read_json,
    read_text,
)
from kosmos_ros.backends.settings import EMBEDDED_MODEL
from kosmos_ros.core.errors import ModelLoadError
from kosmos_ros.core.files import write_text

MODEL_TYPE = 'kosmos-2'
FILE_PATTERNS = ('*.safetensors', '*.json')
"""What a checkpoint needs; pickled weights and Python files are left behind."""

DEMO_IMAGES = ('snowman.png', 'annotated_snowman.jpg')
"""Pictures of the published model's own repository, which ``kosmos-ros verify`` asks about."""

CHECKSUMS = 'SHA256SUMS'
"""
Optional file in a checkpoint, as ``sha256sum`` writes it; checked at every load, except for files
of more than ``QUICKLY_HASHED``.
"""

QUICKLY_HASHED = 1 << 28
"""Bytes; they take a fraction of a second, those of the full-size model up to half a minute."""

PUBLISHED_MODEL = 'microsoft/kosmos-2-patch14-224'
"""Hub id of the model that the authors of KOSMOS-2 published."""

PINNED = {PUBLISHED_MODEL: 'e91cfbcb4ce051b6a55bfb5f96165a3bbf5eb82c'}
"""Commits of the hub that are meant where none is named, rather than what is newest."""

EMBEDDED_FOLDER = Path(__file__).parents[2] / 'models' / EMBEDDED_MODEL
_HUB_ID = re.compile(r'[\w-][\w.-]*/[\w-][\w.-]*(@[\w-][\w.-]*)?')
_WEIGHTS = 'model.safetensors'
_INDEX = 'model.safetensors.index.json'
_PICKLES = ('*.bin', '*.pt', '*.pth', '*.ckpt', '*.pkl')
_PROCESSOR_FILES = ('processor_config.json', 'preprocessor_config.json')
JSON_FILES = (
    *('config.json', 'generation_config.json', 'tokenizer.json', 'tokenizer_config.json'),
    *('added_tokens.json', 'special_tokens_map.json', 'vocab.json', 'chat_template.json'),
    *_PROCESSOR_FILES,
)
"""What the libraries read of a checkpoint beside its weights."""

_ADAPTER = 'adapter_config.json'
_LARGEST_SIDE = 1024
"""Pixels that an image may be resized to, and tokens of cells."""

_CHUNK = 1 << 20


def find_checkpoint(model: str) -> Path:
    """
    Return the folder of a model, without using the network.

    :param model: ``'tabletop'``, a folder, or a hub id that was downloaded before, with a commit
        or without: ``owner/name@commit``.
    :raises ModelLoadError: if there is no such folder or it is not in the local cache.
    """
    if model == EMBEDDED_MODEL:
        return _require_folder(
            EMBEDDED_FOLDER, 'the embedded model is missing from this installation'
        )
    folder = Path(model).expanduser()
    if folder.is_dir():
        return folder
    if folder.is_file():
        raise ModelLoadError(f'model {model!r} is a file: name the folder that it is in')
    if not _HUB_ID.fullmatch(model):
        raise ModelLoadError(f'model {model!r}: no such folder, and not a hub id (owner/name)')
    return _find_in_cache(model)


def revision_of(model_id: str) -> tuple[str, str | None]:
    """Split ``owner/name@commit``; without a commit it is that of ``PINNED``, or None."""
    name, _, revision = model_id.partition('@')
    return name, revision or PINNED.get(name)


def is_of_hub(folder: Path) -> bool:
    """Tell whether a folder is in the cache: ``models--OWNER--NAME/snapshots/COMMIT``."""
    parents = folder.resolve().parents
    return (
        len(parents) > 1
        and parents[0].name == 'snapshots'
        and parents[1].name.startswith('models--')
    )


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
    check_regular(folder / 'tokenizer.json')
    if not any((folder / name).exists() for name in _PROCESSOR_FILES):
        raise ModelLoadError(f'{folder} has neither {" nor ".join(_PROCESSOR_FILES)}')
    if (folder / _ADAPTER).exists():
        raise ModelLoadError(f'{folder / _ADAPTER}: an adapter would load another model with it')
    # The libraries open whatever has a name that they look for, and wait for what is no file.
    for path in sorted(folder.iterdir()):
        if path.name in JSON_FILES:
            content = read_json(path)
            if path.name in _PROCESSOR_FILES:
                check_numbers(path, content, _LARGEST_SIDE)
        elif not path.is_dir():
            check_regular(path)
    if not weight_shapes(folder):
        raise ModelLoadError(f'{weight_files(folder)[0]} holds no weights')
    check_sums(folder, QUICKLY_HASHED)


def weight_files(folder: Path) -> tuple[Path, ...]:
    """
    Return the safetensors files of a checkpoint.

    :raises ModelLoadError: if there are none or the index is damaged.
    """
    if (folder / _WEIGHTS).exists():
        return (folder / _WEIGHTS,)
    index = folder / _INDEX
    if not index.exists():
        raise ModelLoadError(_no_weights_message(folder))
    shards = read_json(index).get('weight_map')
    names = set(map(str, shards.values())) if isinstance(shards, dict) else set()
    if not names or any(Path(name).name != name for name in names):
        raise ModelLoadError(f'{index}: expected a weight_map that names files beside it')
    return tuple(folder / name for name in sorted(names))


def weight_shapes(folder: Path) -> dict[str, tuple[int, ...]]:
    """
    Return the shapes of a checkpoint's weights, as its files' headers say.

    :raises ModelLoadError: naming the file that is missing or damaged.
    """
    shapes: dict[str, tuple[int, ...]] = {}
    for path in weight_files(folder):
        size = check_regular(path)
        with load_errors(path):
            with path.open('rb') as stream:
                header = int.from_bytes(stream.read(8), 'little')
            if header > min(size, MOST_BYTES):
                raise ModelLoadError(f'{path} is damaged: a header of {header} bytes')
            with safe_open(path, framework='numpy') as weights:
                for name in weights.keys():  # noqa: SIM118
                    shapes[name] = tuple(weights.get_slice(name).get_shape())
    return shapes


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


def check_sums(folder: Path, most: int | None = None) -> int:
    """
    Compare the files of a checkpoint with its ``SHA256SUMS``.

    :param most: bytes of the files that are read; of larger ones only the presence is checked.
    :returns: how many files were compared; 0: there are no checksums.
    :raises ModelLoadError: naming the file that is missing or another one.
    """
    sums, compared = folder / CHECKSUMS, 0
    if not sums.exists():
        return 0
    for line in read_text(sums).splitlines():
        expected, _, name = line.partition('  ')
        path = folder / Path(name).name
        size = check_regular(path)
        if most is not None and size > most:
            continue
        if sha256_of(path) != expected:
            raise ModelLoadError(f'{path} is damaged: its SHA-256 is not the one in {sums}')
        compared += 1
    return compared


def cached_folder(model_id: str, patterns: Sequence[str] = DEMO_IMAGES) -> Path | None:
    """
    Return the folder that downloads of a hub id have made; None without.

    :param patterns: names of the files that are wanted there.
    """
    name, revision = revision_of(model_id)
    try:
        folder = snapshot_download(
            name, revision=revision, local_files_only=True, allow_patterns=list(patterns)
        )
        return Path(folder)
    except (LocalEntryNotFoundError, HFValidationError):
        return None


def _find_in_cache(model_id: str) -> Path:
    folder = cached_folder(model_id, FILE_PATTERNS)
    # Its pictures alone are not the model.
    if folder is None or not (folder / 'config.json').exists():
        raise ModelLoadError(
            f'model {model_id!r} is neither a folder nor in the local cache; download it once '
            f'with: kosmos-ros download {model_id}'
        )
    return folder


def _require_folder(folder: Path, message: str) -> Path:
    if not folder.is_dir():
        raise ModelLoadError(f'{message}: expected {folder}')
    return folder


def _no_weights_message(folder: Path) -> str:
    pickles = sorted(path.name for pattern in _PICKLES for path in folder.glob(pattern))
    if pickles:
        return (
            f'{folder} holds only pickled weights ({", ".join(pickles)}), which could run code '
            f'and are never loaded; {_WEIGHTS} is needed'
        )
    told = f'{folder / _WEIGHTS} is missing'
    return f'{told}: "kosmos-ros download MODEL" completes it' if is_of_hub(folder) else told
