# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Fetch a checkpoint."""

from __future__ import annotations

from argparse import Namespace
import sys

from kosmos_ros.backends.checkpoint.download import download
from kosmos_ros.backends.checkpoint.files import (
    check_checkpoint,
    check_sums,
    CHECKSUMS,
    find_checkpoint,
)
from kosmos_ros.commands import exit_codes
from kosmos_ros.core.errors import ModelLoadError


def run(arguments: Namespace) -> int:
    """
    Download, or check what is here.

    :returns: exit code.
    :raises ModelLoadError: if it cannot be downloaded, is damaged or is no KOSMOS-2 checkpoint.
    """
    if arguments.check:
        return _check(arguments.model)
    print(f'downloading {arguments.model} ...', file=sys.stderr, flush=True)
    folder = download(arguments.model)
    print(f'{arguments.model} is complete in {folder}')
    print(f'its commit is {folder.name}; its files are listed in {CHECKSUMS} there')
    print(f'use it with: kosmos-ros ground IMAGE QUERY --model {arguments.model}')
    return exit_codes.FOUND


def _check(model: str) -> int:
    folder = find_checkpoint(model)
    check_checkpoint(folder)
    files = check_sums(folder)
    if not files:
        raise ModelLoadError(f'{folder} has no {CHECKSUMS} to compare with; download it again')
    print(f'{files} files in {folder} are as {CHECKSUMS} says')
    return exit_codes.FOUND
