# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Fetch a checkpoint from the hub: the only module of this package that downloads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
import re

from huggingface_hub import snapshot_download
from huggingface_hub.errors import (
    HFValidationError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from kosmos_ros.backends.checkpoint.files import (
    check_checkpoint,
    CHECKSUMS,
    DEMO_IMAGES,
    FILE_PATTERNS,
    revision_of,
    write_checksums,
)
from kosmos_ros.backends.checkpoint.small_files import read_text
from kosmos_ros.core.errors import ModelLoadError

_SHA256 = re.compile(r'[0-9a-f]{64}')


def download(model_id: str) -> Path:
    """
    Fetch a KOSMOS-2 checkpoint into the local cache, with progress bars, and check it.

    ``SHA256SUMS`` is left beside it, by which later damage is found. The demo pictures of its
    repository come along, where there are any.

    :param model_id: ``owner/name`` on the hub, or ``owner/name@commit``; without a commit it is
        the one in ``PINNED``, else the newest.
    :returns: its folder, whose name is the commit.
    :raises ModelLoadError: if the hub cannot be reached or has no such model, or the download is
        damaged or no KOSMOS-2 checkpoint with safetensors weights.
    """
    folder = _fetch(model_id, (*FILE_PATTERNS, *DEMO_IMAGES))
    # An older list would be of what came then.
    (folder / CHECKSUMS).unlink(missing_ok=True)
    check_checkpoint(folder)
    _check_content(write_checksums(folder))
    return folder


def download_images(model_id: str) -> tuple[Path, ...]:
    """
    Fetch the demo pictures of a checkpoint's repository alone.

    :param model_id: as in ``download``.
    :returns: their paths.
    :raises ModelLoadError: if the hub cannot be reached or has no such model or no such pictures.
    """
    folder = _fetch(model_id, DEMO_IMAGES)
    images = tuple(folder / name for name in DEMO_IMAGES if (folder / name).is_file())
    if not images:
        raise ModelLoadError(f'{model_id!r} has none of {", ".join(DEMO_IMAGES)}')
    return images


def _fetch(model_id: str, patterns: Sequence[str]) -> Path:
    name, revision = revision_of(model_id)
    try:
        return Path(snapshot_download(name, revision=revision, allow_patterns=list(patterns)))
    except HFValidationError as error:
        raise ModelLoadError(
            f'{model_id!r} is no hub id: expected owner/name, such as '
            'microsoft/kosmos-2-patch14-224'
        ) from error
    except RepositoryNotFoundError as error:
        raise ModelLoadError(f'the hub has no model {model_id!r}, or it is private') from error
    except RevisionNotFoundError as error:
        raise ModelLoadError(f'the hub has no commit {revision} of {name!r}') from error
    # The errors of the hub, of its HTTP client and of the disk have no base class in common.
    except Exception as error:
        raise ModelLoadError(
            f'cannot download {model_id!r}; is this machine online, and HF_HUB_OFFLINE unset? '
            f'({_first_line(error)})'
        ) from error


def _check_content(sums: Path) -> None:
    """Compare with the SHA-256 by which the cache names large files."""
    for line in read_text(sums).splitlines():
        found, _, name = line.partition('  ')
        path = sums.with_name(name)
        listed = path.resolve().name
        if _SHA256.fullmatch(listed) and found != listed:
            sums.unlink()
            raise ModelLoadError(f'{path} was damaged on the way; delete it and download again')


def _first_line(error: Exception) -> str:
    return str(error).strip().split('\n', 1)[0]
