# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Ask one question about one picture, print the answer and save the picture."""

from __future__ import annotations

from argparse import Namespace
import json
from pathlib import Path
import sys
from types import TracebackType
from typing import TextIO

from PIL import Image

from kosmos_ros.commands import exit_codes
from kosmos_ros.commands.answers import answer_as_text
from kosmos_ros.commands.runs.model import load_backend
from kosmos_ros.commands.shared_arguments import settings_from_arguments
from kosmos_ros.core.drawing.answer import draw_grounding
from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.geometry import fit_region
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.images.images import load_image, save_image
from kosmos_ros.core.model.streaming import Progress
from kosmos_ros.core.tasks.request import resolve
from kosmos_ros.core.types import Grounding, GroundingRequest, Region, Status, Task
from kosmos_ros.results.answers import answer_as_data


class LiveText:
    """
    Writes the text of an answer as it grows; leaves the terminal at the start of a line.

    :param terminal: where to; None for nowhere.
    """

    def __init__(self, terminal: TextIO | None) -> None:
        self.text = ''
        """What was written so far."""
        self._terminal = terminal

    def __enter__(self) -> LiveText:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
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
    Answer, print and save.

    :returns: exit code.
    :raises KosmosError: if the input or the model is wrong.
    """
    # What the user can get wrong is checked before the wait for the model.
    request = _request(arguments)
    resolve(request)
    settings = settings_from_arguments(arguments)
    image = load_image(arguments.image)
    picture = _picture_path(arguments)
    if request.region is not None:
        fit_region(request.region, width=image.shape[1], height=image.shape[0])
    grounder = Grounder(load_backend(settings))
    with LiveText(_terminal(arguments.json)) as live:
        grounding = grounder.ground(
            image, request, on_progress=live.show, rotation=arguments.rotation
        )
    is_seen = sys.stdout.isatty() and live.text == grounding.text
    _print_answer(grounding, arguments, picture, with_text=not is_seen)
    if picture is not None:
        save_image(picture, draw_grounding(image, grounding, request.region))
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


def _request(arguments: Namespace) -> GroundingRequest:
    return GroundingRequest(
        query=arguments.query,
        task=Task[arguments.task.upper()],
        region=None if arguments.region is None else parse_region(arguments.region),
        min_score=arguments.min_score,
        alternatives=arguments.alternatives,
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
    target: Path = arguments.save or source.with_name(f'{source.stem}.grounded.png')
    if target.resolve() == source.resolve():
        raise InvalidRequestError(f'--save {target} would overwrite the input picture')
    if not target.parent.is_dir():
        raise InvalidRequestError(f'--save {target}: there is no folder {target.parent}')
    if target.suffix.lower() not in Image.registered_extensions():
        raise InvalidRequestError(f'--save {target}: unknown picture format {target.suffix!r}')
    return target


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
