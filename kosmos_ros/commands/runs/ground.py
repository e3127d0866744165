# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Ask one question about one picture, print the answer and save the picture."""

from __future__ import annotations

from argparse import Namespace
import json
from pathlib import Path
import sys
from typing import TextIO

from PIL import Image

from kosmos_ros.commands import exit_codes
from kosmos_ros.commands.runs.model import load_model
from kosmos_ros.core.closing import Closing
from kosmos_ros.core.drawing.answer import draw_grounding
from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.geometry import box_to_pixels, fit_region
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.images.images import load_image, save_image
from kosmos_ros.core.model.streaming import Progress
from kosmos_ros.core.tasks.request import resolve
from kosmos_ros.core.tasks.table import TABLE
from kosmos_ros.core.types import Grounding, GroundingRequest, Region, ScoredBox, Status, Task
from kosmos_ros.results.answers import answer_as_data


class LiveText(Closing):
    """Writes the text of an answer as it grows to a terminal, if any, and then ends the line."""

    def __init__(self, terminal: TextIO | None) -> None:
        self.text = ''
        """What was written so far."""
        self._terminal = terminal

    def close(self) -> None:
        """End the line, also of an interrupted answer."""
        if self.text:
            print(file=self._terminal, flush=True)

    def show(self, progress: Progress) -> None:
        """Write what is new."""
        new = progress.text[len(self.text) :]
        if self._terminal is None or not new:
            return
        opening = '' if self.text else 'answer: '
        print(f'{opening}{new}', end='', file=self._terminal, flush=True)
        self.text = progress.text


def run(arguments: Namespace) -> int:
    """
    Answer, print and save; return the exit code.

    :raises KosmosError: if the input or the model is wrong.
    """
    # What the user can get wrong is checked before the wait for the model.
    request = _request(arguments)
    resolve(request)
    image = load_image(arguments.image)
    picture = _picture_path(arguments)
    if request.region is not None:
        fit_region(request.region, width=image.shape[1], height=image.shape[0])
    grounder = Grounder(load_model(arguments))
    with LiveText(_terminal(arguments.json)) as live:
        grounding = grounder.ground(
            image, request, on_progress=live.show, rotation=arguments.rotation
        )
    is_seen = sys.stdout.isatty() and live.text == grounding.text
    _print_answer(grounding, arguments, picture, with_text=not is_seen)
    if picture is not None:
        looks = not arguments.hide_looks
        save_image(picture, draw_grounding(image, grounding, request.region, looks))
    return exit_codes.FOUND if grounding.status is Status.FOUND else exit_codes.NOT_FOUND


def parse_region(text: str) -> Region:
    """
    Read ``x,y,w,h``.

    :raises InvalidRequestError: if it is not four whole numbers that make a region.
    """
    try:
        x, y, width, height = (int(number) for number in text.split(','))
    except ValueError as error:
        raise InvalidRequestError(
            f'--region needs four whole numbers x,y,width,height in pixels, got {text!r}'
        ) from error
    return Region(x, y, width, height)


def answer_as_text(grounding: Grounding, with_text: bool = True) -> str:
    """Return an answer as lines for a terminal, with or without what the model wrote."""
    lines = [
        f'{grounding.status.name} ({grounding.task.name} in {grounding.inference_time:.2f} s '
        f'with {grounding.model}{"" if grounding.calibrated else ", scores not calibrated"})'
    ]
    if grounding.looks_wanted > 1:
        lines.append(_looks_line(grounding))
    if grounding.status_message:
        lines.append(grounding.status_message)
    if grounding.text and TABLE[grounding.task].writes and with_text:
        lines.append(f'answer: {grounding.text}')
    names = [
        f'{role.name.lower()}: {found.label}' if role else found.label
        for role, found in zip(grounding.roles, grounding.detections, strict=True)
    ]
    width = max(map(len, names), default=0)
    lines.extend(
        _detection_line(found, name, grounding, width)
        for name, found in zip(names, grounding.detections, strict=True)
    )
    lines.extend(
        f'{_detection_line(other, other.label, grounding, width)}  (alternative)'
        for phrase in grounding.phrases
        for other in phrase.alternatives
    )
    return '\n'.join(lines)


def _looks_line(grounding: Grounding) -> str:
    """Say how often the model looked, and how often it would have."""
    taken, wanted = len(grounding.looks), grounding.looks_wanted
    looks = f'{taken} look{"s" if taken != 1 else ""}'
    return f'{looks} of {wanted} that could help; see --max-looks' if wanted > taken else looks


def _detection_line(found: ScoredBox, name: str, grounding: Grounding, width: int) -> str:
    corners = box_to_pixels(found.box, grounding.image_width, grounding.image_height)
    x0, y0, x1, y1 = map(round, corners)
    return f'  {name:{width}}  score {found.score:.2f}  box {x0},{y0} .. {x1},{y1}'


def _request(arguments: Namespace) -> GroundingRequest:
    return GroundingRequest(
        query=arguments.query,
        task=Task[arguments.task.upper()],
        region=None if arguments.region is None else parse_region(arguments.region),
        min_score=arguments.min_score,
        alternatives=arguments.alternatives,
        max_looks=arguments.max_looks,
    )


def _terminal(json_wanted: bool) -> TextIO | None:
    """Return the terminal that shows words while they are written; none for JSON."""
    if sys.stderr.isatty():
        return sys.stderr
    return sys.stdout if sys.stdout.isatty() and not json_wanted else None


def _picture_path(arguments: Namespace) -> Path | None:
    """Return where the picture goes, None for nowhere; never the input itself."""
    if arguments.no_save:
        return None
    source: Path = arguments.image
    target: Path = arguments.save or _beside(source)
    if target.resolve() == source.resolve():
        raise InvalidRequestError(f'--save {target} would overwrite the input picture')
    if not target.parent.is_dir():
        raise InvalidRequestError(f'--save {target}: there is no folder {target.parent}')
    if target.suffix.lower() not in Image.registered_extensions():
        raise InvalidRequestError(f'--save {target}: unknown picture format {target.suffix!r}')
    return target


def _beside(source: Path) -> Path:
    """Return the default path, that of no other picture in the folder: not of a.png for a.jpg."""
    shares = any(
        other.stem == source.stem
        and other.name != source.name
        and other.suffix.lower() in Image.registered_extensions()
        for other in source.parent.iterdir()
    )
    return source.with_name(f'{source.name if shares else source.stem}.grounded.png')


def _print_answer(
    grounding: Grounding, arguments: Namespace, picture: Path | None, with_text: bool
) -> None:
    if arguments.json:
        data = answer_as_data(grounding) | {
            'image': str(arguments.image),
            'picture': None if picture is None else str(picture),
        }
        json.dump(data, sys.stdout, indent=2, ensure_ascii=False)
        print()
        return
    print(answer_as_text(grounding, with_text))
    if picture is not None:
        print(f'picture: {picture}')
