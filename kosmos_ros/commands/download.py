# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""``kosmos-ros download MODEL``: fetch a checkpoint once; everything else works offline."""

from __future__ import annotations

from argparse import Namespace
import sys
from typing import Any

from kosmos_ros.commands import exit_codes
from kosmos_ros.core.errors import ModelLoadError


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        'download',
        help='fetch a KOSMOS-2 checkpoint from the Hugging Face hub',
        description='Fetch the safetensors weights, configuration and tokenizer of a checkpoint '
        'into the local cache of huggingface_hub, and the demo pictures of its repository. All '
        'other commands and the node work offline.',
        epilog=exit_codes.DESCRIPTION,
    )
    parser.add_argument(
        'model',
        metavar='MODEL',
        help='hub id, such as microsoft/kosmos-2-patch14-224; with @COMMIT behind it, that commit',
    )
    parts = parser.add_mutually_exclusive_group()
    parts.add_argument(
        '--images-only',
        action='store_true',
        help='fetch the pictures that "kosmos-ros verify" asks about, and nothing else',
    )
    parts.add_argument(
        '--check',
        action='store_true',
        help='download nothing; compare the files of a model that is here with its SHA256SUMS',
    )
    parser.set_defaults(run=run, online=True)


def run(arguments: Namespace) -> int:
    """
    Download, or check what is here, and return the exit code.

    :raises ModelLoadError: if it cannot be downloaded, is damaged or is no KOSMOS-2 checkpoint.
    """
    from kosmos_ros.backends.checkpoint.download import (  # noqa: PLC0415
        download,
        download_images,
    )
    from kosmos_ros.backends.checkpoint.files import CHECKSUMS  # noqa: PLC0415

    if arguments.check:
        return _check(arguments.model)
    print(f'downloading {arguments.model} ...', file=sys.stderr, flush=True)
    if arguments.images_only:
        for image in download_images(arguments.model):
            print(image)
        return exit_codes.FOUND
    folder = download(arguments.model)
    print(f'{arguments.model} is complete in {folder}')
    print(f'its commit is {folder.name}; its files are listed in {CHECKSUMS} there')
    print(f'prove it with: kosmos-ros verify --model {arguments.model}')
    print(f'use it with: kosmos-ros ground IMAGE QUERY --model {arguments.model}')
    return exit_codes.FOUND


def _check(model: str) -> int:
    from kosmos_ros.backends.checkpoint import files  # noqa: PLC0415

    folder = files.find_checkpoint(model)
    files.check_checkpoint(folder)
    compared = files.check_sums(folder)
    if not compared:
        raise ModelLoadError(f'{folder} has no {files.CHECKSUMS}; download the model again')
    print(f'{compared} files in {folder} are as {files.CHECKSUMS} says')
    return exit_codes.FOUND
