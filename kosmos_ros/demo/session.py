# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The demo's questions and answers, from the first scene to the last picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
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
from kosmos_ros.demo.client import CameraView, CheckedImage, DemoClient, Patience
from kosmos_ros.demo.pictures import (
    choose_for_sheet,
    contact_sheet,
    draw_answer,
    file_name,
    SHEET_COLUMNS,
)
from kosmos_ros.demo.questions import DemoQuestion, questions_about, questions_from_afar
from kosmos_ros.demo.report import (
    DemoSummary,
    JudgedAnswer,
    save_json,
    summarize,
    Table,
    WIDEST_TABLE,
)
from kosmos_ros.demo.system import running_system
from kosmos_ros.demo.verdicts import judge
from kosmos_ros.sim.scenes.scene import CameraKind

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
            for shown in _scenes(client, options):
                running.progress.clear()
                print(f'\n{_scene_title(shown)}\n{table.header}'.rstrip())
                for question in shown.questions():
                    answered, picture = _ask(client, question, shown)
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


@dataclass(frozen=True)
class _Shown:
    """A scene that the camera shows, and the first image of it."""

    wanted: CameraView
    image: CheckedImage

    @property
    def is_far(self) -> bool:
        return self.wanted.view == CameraKind.FAR.value

    def questions(self) -> tuple[DemoQuestion, ...]:
        """Return what is asked about the scene."""
        make = questions_from_afar if self.is_far else questions_about
        return make(self.image.truth, Random(self.wanted.seed))


def _scenes(client: DemoClient, options: DemoOptions) -> Iterator[_Shown]:
    """Show the scenes, and at last one from across the room, as a large image."""
    first = CameraView(options.seed)
    yield from _some(client, first, options.scenes)
    yield from _some(client, replace(first, view=CameraKind.FAR.value, width=1920, height=1080), 1)


def _some(client: DemoClient, first: CameraView, count: int) -> Iterator[_Shown]:
    shown = 0
    for seed in range(first.seed, first.seed + count + _MOST_PASSED_OVER):
        patience = Patience(f'the camera to show scene {seed}', RESPONSE_TIMEOUT)
        wanted = replace(first, seed=seed)
        image = client.show_scene(wanted, patience)
        if len(image.truth.askable) < FEWEST_OBJECTS:
            continue
        yield _Shown(wanted, image)
        shown += 1
        if shown == count:
            return
    raise KosmosError(
        f'from seed {first.seed} on, only {shown} of {count} scenes hold '
        f'{FEWEST_OBJECTS} objects that can be told apart'
    )


def _ask(
    client: DemoClient, question: DemoQuestion, shown: _Shown
) -> tuple[JudgedAnswer, Image.Image]:
    asked = f'the answer to {question.task.name}: {question.wording}'
    patience = Patience(asked, RESPONSE_TIMEOUT)
    response = client.ask(question, shown.image.stamp, patience)
    # The objects stand still, yet only the truth of the same image is sure to fit.
    question = question.seen_in(response.view.truth)
    answered = JudgedAnswer(
        scene=shown.wanted.seed,
        question=question,
        grounding=response.grounding,
        verdicts=judge(question, response.grounding, response.positions),
        milliseconds=response.milliseconds,
        stamp=response.view.stamp / 1e9,
        positions=response.positions,
        is_far=shown.is_far,
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


def _scene_title(shown: _Shown) -> str:
    wanted, truth = shown.wanted, shown.image.truth
    size = f' from afar, {wanted.width}x{wanted.height}' if shown.is_far else ''
    names = ', '.join(thing.name for thing in truth.askable)
    others = len(truth.objects) - len(truth.askable)
    return f'Scene {wanted.seed}{size}: {names}' + (f' and {others} more' if others else '')


def _save_pictures(output: Path, answers: list[JudgedAnswer], pictures: list[Image.Image]) -> None:
    for number, (answered, picture) in enumerate(zip(answers, pictures, strict=True), start=1):
        # The camera's noise compresses badly at any effort.
        save_picture(output / file_name(answered, number), picture, compress_level=1)
    scenes = len({answered.scene for answered in answers if not answered.is_far})
    chosen = [pictures[index] for index in choose_for_sheet(answers)]
    sheet = contact_sheet(chosen, min(scenes, SHEET_COLUMNS))
    save_picture(output / 'overview.png', sheet)
