# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""``kosmos-ros eval bag``: how well a model keeps up with a recording."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
import json
import sys
from typing import Any

from tqdm import tqdm

from kosmos_ros.commands import exit_codes
from kosmos_ros.commands.eval_data import BAG, OUTPUT
from kosmos_ros.commands.runs.model import load_model
from kosmos_ros.core.errors import InvalidDataError
from kosmos_ros.core.files import write_text
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.tasks.request import resolve
from kosmos_ros.core.types import GroundingRequest
from kosmos_ros.evaluation.studies.playback import play, playback_data, playback_lines
from kosmos_ros.recordings.bags import ImageBag


def run(arguments: Namespace) -> int:
    """
    Play a recording to the model, print figures and save them; return the exit code.

    A damaged recording is measured up to the damage.

    :raises KosmosError: if the bag, the query or the model is wrong.
    """
    request = GroundingRequest(arguments.query or '')
    resolve(request)
    with ImageBag(arguments.folder) as bag:
        topic = bag.topic(arguments.topic or '')
        count = next(one.count for one in bag.topics if one.name == topic)
        grounder = Grounder(load_model(arguments))
        ended: list[str] = []
        images = _until_damage(bag.images(topic), ended)
        with tqdm(images, total=count, unit='image', file=sys.stderr) as shown:
            played = play(shown, lambda image: grounder.ground(image, request))
    played.problems += ended
    figures = playback_data(played)
    print('\n'.join(playback_lines(figures, arguments.model, topic)))
    asked = {'topic': topic, 'query': request.query}
    data = {'model': arguments.model, 'bag': str(arguments.folder)} | asked | figures
    path = (arguments.output or OUTPUT / BAG) / 'bag.json'
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(data, indent=2) + '\n')
    print(f'saved {path}')
    return exit_codes.SOME_UNREADABLE if played.problems else exit_codes.FOUND


def _until_damage(images: Iterator[Any], ended: list[str]) -> Iterator[Any]:
    """Yield images up to where the recording is damaged, and note that in ``ended``."""
    try:
        yield from images
    except InvalidDataError as error:
        ended.append(str(error))
