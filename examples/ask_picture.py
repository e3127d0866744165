# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Ask about a picture in your own program, without ROS.

    python examples/ask_picture.py "the cone; the plates that are not white"
    python examples/ask_picture.py "what is left of the orange plate?" picture.jpg MODEL

The picture is ``table.png`` beside this file and the model the embedded one, if no others are
named. The answer is drawn into ``answer.png``.
"""

from __future__ import annotations

from pathlib import Path
import sys

from kosmos_ros import (
    box_to_pixels,
    draw_grounding,
    Grounder,
    GroundingRequest,
    KosmosError,
    load_backend,
    load_image,
    save_image,
)

TABLE = Path(__file__).with_name('table.png')


def main(query: str = '', picture: str | Path = TABLE, model: str = 'tabletop') -> None:
    """Ask, print the answer, and draw it."""
    try:
        image = load_image(picture)
        answer = Grounder(load_backend(model)).ground(image, GroundingRequest(query))
    except (KosmosError, OSError) as error:
        sys.exit(f'no answer: {error}')
    print(f'{answer.status.name}: {answer.text}')
    if answer.status_message:
        print(answer.status_message)
    for found in answer.detections:
        x0, y0, x1, y1 = box_to_pixels(found.box, answer.image_width, answer.image_height)
        place = f'({x0:.0f}, {y0:.0f}) to ({x1:.0f}, {y1:.0f})'
        print(f'  {found.label}: score {found.score:.2f}, {place}')
    save_image('answer.png', draw_grounding(image, answer))


if __name__ == '__main__':
    main(*sys.argv[1:])
