# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The demo's questions and answers, from the first scene to the last picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
import os
from pathlib import Path
from random import Random
import shutil
import sys
import time

from PIL import Image

from kosmos_ros.bringup import ParameterValue
from kosmos_ros.core.errors import KosmosError
from kosmos_ros.core.images.images import save_picture
from kosmos_ros.demo.client import CheckedImage, DemoClient, Patience
from kosmos_ros.demo.pictures import (
    choose_for_sheet,
    contact_sheet,
    draw_answer,
    file_name,
    SHEET_COLUMNS,
)
from kosmos_ros.demo.questions import DemoQuestion, questions_about
from kosmos_ros.demo.report import (
    DemoSummary,
    JudgedAnswer,
    save_json,
    summarize,
    Table,
    WIDEST_TABLE,
)
from kosmos_ros.demo.system import running_system
from kosmos_ros.demo.truth import Truth
from kosmos_ros.demo.verdicts import judge

RESPONSE_TIMEOUT = 60.0
FEWEST_OBJECTS = 3
"""A scene with fewer objects to ask for is passed over."""

_MOST_PASSED_OVER = 20


@dataclass(frozen=True)
class DemoOptions:
    """
    Options of the demo.

    ``scenes`` scenes are shown from the simulator's ``seed`` on; pictures, results and logs go to
    ``output``; ``parameters`` are those of the grounding node.
    """

    scenes: int
    seed: int
    output: Path
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict)


def run_demo(options: DemoOptions) -> DemoSummary:
    """
    Ask about a few scenes, print the answers as they come, and save pictures.

    :raises KosmosError: if a process dies or does not respond.
    :raises OSError: if a file cannot be written; ``results.json`` is the first of them.
    """
    start = time.monotonic()
    _clear(options.output)
    answers: list[JudgedAnswer] = []
    pictures: list[Image.Image] = []
    table = _table()
    try:
        with running_system(options.output, options.seed, options.parameters) as running:
            client = running.client
            for seed, view in _scenes(client, options):
                running.progress.clear()
                print(f'\n{_scene_title(seed, view.truth)}\n{table.header}'.rstrip())
                for question in questions_about(view.truth, Random(seed)):
                    answered, picture = _ask(client, question, seed, view.stamp)
                    answers.append(answered)
                    pictures.append(picture)
                    running.progress.clear()
                    print(table.rows(answered), flush=True)
    finally:
        # Whatever ended the demo: what was answered so far is kept, before any picture.
        summary = summarize(answers)
        if answers:
            save_json(options.output / 'results.json', answers, summary)
    _save_pictures(options.output, answers, pictures)
    print(f'\n{table.paragraph(f"{summary}.")}')
    print(f'{time.monotonic() - start:.0f} s in all. Pictures: {options.output}/overview.png')
    return summary


def _scenes(client: DemoClient, options: DemoOptions) -> Iterator[tuple[int, CheckedImage]]:
    shown = 0
    for seed in range(options.seed, options.seed + options.scenes + _MOST_PASSED_OVER):
        patience = Patience(f'the camera to show scene {seed}', RESPONSE_TIMEOUT)
        view = client.show_scene(seed, patience)
        if len(view.truth.askable) < FEWEST_OBJECTS:
            continue
        yield seed, view
        shown += 1
        if shown == options.scenes:
            return
    raise KosmosError(
        f'from seed {options.seed} on, only {shown} of {options.scenes} scenes hold '
        f'{FEWEST_OBJECTS} objects that can be told apart'
    )


def _ask(
    client: DemoClient, question: DemoQuestion, seed: int, newer_than: int
) -> tuple[JudgedAnswer, Image.Image]:
    asked = f'the answer to {question.task.name}: {question.wording}'
    response = client.ask(question, newer_than, Patience(asked, RESPONSE_TIMEOUT))
    # The objects stand still, yet only the truth of the same image is sure to fit.
    question = question.seen_in(response.view.truth)
    answered = JudgedAnswer(
        scene=seed,
        question=question,
        grounding=response.grounding,
        verdicts=judge(question, response.grounding, response.positions),
        milliseconds=response.milliseconds,
        stamp=response.view.stamp / 1e9,
        positions=response.positions,
    )
    return answered, draw_answer(response.view.image, answered)


def _clear(output: Path) -> None:
    """Remove the files of an earlier demo, and nothing else."""
    output.mkdir(parents=True, exist_ok=True)
    for path in [*output.glob('*_scene_*.png'), output / 'overview.png', output / 'results.json']:
        path.unlink(missing_ok=True)


def _table() -> Table:
    terminal = sys.stdout.isatty()
    columns = shutil.get_terminal_size((WIDEST_TABLE, 24)).columns
    return Table(columns, color=terminal and 'NO_COLOR' not in os.environ)


def _scene_title(seed: int, truth: Truth) -> str:
    names = ', '.join(thing.name for thing in truth.askable)
    others = len(truth.objects) - len(truth.askable)
    return f'Scene {seed}: {names}' + (f' and {others} more' if others else '')


def _save_pictures(output: Path, answers: list[JudgedAnswer], pictures: list[Image.Image]) -> None:
    for number, (answered, picture) in enumerate(zip(answers, pictures, strict=True), start=1):
        # The camera's noise compresses badly at any effort.
        save_picture(output / file_name(answered, number), picture, compress_level=1)
    scenes = len({answered.scene for answered in answers})
    chosen = [pictures[index] for index in choose_for_sheet(answers)]
    sheet = contact_sheet(chosen, min(scenes, SHEET_COLUMNS))
    save_picture(output / 'overview.png', sheet)
