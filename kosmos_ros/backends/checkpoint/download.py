# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Fetch a checkpoint from the hub: the only module of this package that downloads."""

from __future__ import annotations

from pathlib import Path
import re

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HFValidationError, RepositoryNotFoundError

from kosmos_ros.backends.checkpoint.files import (
    check_checkpoint,
    FILE_PATTERNS,
    sha256_of,
    weight_files,
)
from kosmos_ros.core.errors import ModelLoadError

_SHA256 = re.compile(r'[0-9a-f]{64}')


def download(model_id: str) -> Path:
    """
    Fetch a KOSMOS-2 checkpoint into the local cache, with progress bars, and check it.

    :param model_id: ``owner/name`` on the hub.
    :returns: its folder.
    :raises ModelLoadError: if the hub cannot be reached or has no such model, or the download is
        damaged or no KOSMOS-2 checkpoint with safetensors weights.
    """
    try:
        folder = Path(snapshot_download(model_id, allow_patterns=list(FILE_PATTERNS)))
    except HFValidationError as error:
        raise ModelLoadError(
            f'{model_id!r} is no hub id: expected owner/name, such as '
            'microsoft/kosmos-2-patch14-224'
        ) from error
    except RepositoryNotFoundError as error:
        raise ModelLoadError(f'the hub has no model {model_id!r}, or it is private') from error
    # The errors of the hub, of its HTTP client and of the disk have no base class in common.
    except Exception as error:
        raise ModelLoadError(
            f'cannot download {model_id!r}; is this machine online, and HF_HUB_OFFLINE unset? '
            f'({_first_line(error)})'
        ) from error
    check_checkpoint(folder)
    _check_content(folder)
    return folder


def _check_content(folder: Path) -> None:
    """Compare the SHA-256 by which the cache names large files."""
    for path in weight_files(folder):
        name = path.resolve().name
        if _SHA256.fullmatch(name) and sha256_of(path) != name:
            raise ModelLoadError(f'{path} was damaged on the way; delete it and download again')


def _first_line(error: Exception) -> str:
    return str(error).strip().split('\n', 1)[0]
