# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Ask a model what was published, compare, measure, and report."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from datetime import datetime, timezone
import json
from pathlib import Path
import sys
import time

from tqdm import tqdm

from kosmos_ros.backends.checkpoint.files import (
    cached_folder,
    check_checkpoint,
    DEMO_IMAGES,
    find_checkpoint,
    PUBLISHED_MODEL,
    revision_of,
)
from kosmos_ros.backends.settings import EMBEDDED_MODEL
from kosmos_ros.bench.machine import machine, peak_gpu_memory, peak_memory
from kosmos_ros.commands import exit_codes
from kosmos_ros.commands.runs.model import load_model
from kosmos_ros.commands.shared_arguments import settings_from_arguments
from kosmos_ros.core.errors import InvalidDataError
from kosmos_ros.core.files import write_text
from kosmos_ros.core.images.images import load_image, RgbImage
from kosmos_ros.core.model.model_facts import facts_of
from kosmos_ros.verification import report
from kosmos_ros.verification.asking import answer_times, ask_again
from kosmos_ros.verification.outcome import ModelKind, Verification
from kosmos_ros.verification.page import verification_page
from kosmos_ros.verification.pictures import find_pictures
from kosmos_ros.verification.transcripts import published_answers

DATA_FILE, PAGE_FILE = 'verify.json', 'report.html'
_ANNOTATED = DEMO_IMAGES[1]


def run(arguments: Namespace) -> int:
    """
    Ask, compare, print and save; return the exit code.

    :raises KosmosError: if pictures are missing, or the model is or fails.
    """
    # What the user can get wrong is checked before the wait for the model.
    settings_from_arguments(arguments)
    folders = _folders(arguments)
    transcripts = published_answers().of_weights(arguments.quantization)
    images = find_pictures(transcripts, folders, _how_to_get_them(arguments))
    folder: Path = arguments.output
    folder.mkdir(parents=True, exist_ok=True)
    result = _verification(arguments, images)
    print('\n'.join(report.lines(result)))
    write_text(folder / DATA_FILE, json.dumps(report.data(result), indent=2) + '\n')
    write_text(folder / PAGE_FILE, verification_page(result, _annotated(folders)))
    print(f'saved {folder / DATA_FILE} and {folder / PAGE_FILE}')
    return exit_codes.FOUND if result.all_as_published else exit_codes.NOT_WELL


def kind_of(model: str) -> ModelKind:
    """Return which model a name means."""
    if model == EMBEDDED_MODEL:
        return ModelKind.EMBEDDED
    is_published = revision_of(model)[0] == PUBLISHED_MODEL and not Path(model).is_dir()
    return ModelKind.PUBLISHED if is_published else ModelKind.OTHER


def _verification(arguments: Namespace, images: Mapping[str, RgbImage]) -> Verification:
    published = published_answers()
    transcripts = published.of_weights(arguments.quantization)
    started = time.monotonic()
    backend = load_model(arguments)
    facts = facts_of(backend, time.monotonic() - started)
    asking = ask_again(backend, transcripts, images)
    with tqdm(asking, total=len(transcripts), unit='answer', file=sys.stderr) as bar:
        answers = list(bar)
    times = answer_times(backend, next(iter(images.values())), answers)
    return Verification(
        name=arguments.model,
        kind=kind_of(arguments.model),
        facts=facts,
        quantization=arguments.quantization,
        answers=answers,
        times=times,
        sources=published.sources,
        machine=machine(),
        when=datetime.now(timezone.utc).strftime('%Y-%m-%d %H:%M UTC'),
        peak_bytes=peak_memory(),
        gpu_bytes=peak_gpu_memory(),
    )


def _folders(arguments: Namespace) -> list[Path]:
    """Return where pictures may be, after a look at the model's files."""
    checkpoint = find_checkpoint(arguments.model)
    check_checkpoint(checkpoint)
    if arguments.images is not None:
        folder: Path = arguments.images.expanduser()
        if not folder.is_dir():
            raise InvalidDataError(f'--images {folder}: there is no such folder')
        return [folder]
    downloaded = cached_folder(PUBLISHED_MODEL)
    return [checkpoint] if downloaded is None else [checkpoint, downloaded]


def _how_to_get_them(arguments: Namespace) -> str:
    if arguments.images is not None:
        return f'Name a folder that holds {DEMO_IMAGES[0]}, or leave out --images.'
    return (
        f'"kosmos-ros download {PUBLISHED_MODEL} --images-only" fetches it where there is a '
        'network (2 MB); --images FOLDER names a copy of it.'
    )


def _annotated(folders: list[Path]) -> RgbImage | None:
    """Return the authors' picture of their own answer, if it is there."""
    paths = [folder / _ANNOTATED for folder in folders if (folder / _ANNOTATED).is_file()]
    return load_image(paths[0]) if paths else None
