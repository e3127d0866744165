# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Writes small data sets in their public formats."""

from __future__ import annotations

from collections.abc import Sequence
import json
from pathlib import Path
import pickle
from typing import Any

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 64, 48


def write_image(path: Path, width: int = WIDTH, height: int = HEIGHT) -> None:
    """Write a grey picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((height, width, 3), 128, np.uint8)).save(path)


def instances(file_name: str = 'COCO_train2014_{:012}.jpg') -> dict[str, Any]:
    """
    Return annotations of three images in COCO's format.

    Image 7 shows two dogs and a cat, 8 a dog, 9 a crowd of dogs and a cat.
    """
    boxes = [
        (1, 7, 1, [0, 0, 32, 24]),
        (2, 7, 1, [32, 24, 32, 24]),
        (3, 7, 2, [16, 12, 32, 24]),
        (4, 8, 1, [6.4, 4.8, 12.8, 9.6]),
        (5, 9, 1, [0, 0, 64, 48]),
        (6, 9, 2, [0, 0, 16, 12]),
    ]
    return {
        'info': {'description': 'a test'},
        'images': [
            {'id': n, 'file_name': file_name.format(n), 'width': WIDTH, 'height': HEIGHT}
            for n in (7, 8, 9)
        ],
        'annotations': [
            {'id': n, 'image_id': image, 'category_id': kind, 'bbox': box, 'iscrowd': int(n == 5)}
            for n, image, kind, box in boxes
        ],
        'categories': [
            {'id': 1, 'name': 'dog', 'supercategory': 'animal'},
            {'id': 2, 'name': 'cat', 'supercategory': 'animal'},
            {'id': 3, 'name': 'traffic light', 'supercategory': 'outdoor'},
        ],
    }


def references() -> list[dict[str, Any]]:
    """Return what people said about things of ``instances``, as the refs(...).p files hold it."""
    said = [
        (0, 1, 7, 'val', ['dog at the top left', 'left dog']),
        (1, 2, 7, 'val', ['the other dog; lower right']),
        (2, 4, 8, 'val', ['small dog']),
        (3, 6, 9, 'testA', ['the cat in the upper left corner of it']),
    ]
    return [
        {
            'ref_id': number,
            'ann_id': thing,
            'image_id': image,
            'category_id': 1,
            'file_name': f'COCO_train2014_{image:012}_{thing}.jpg',
            'split': split,
            'sent_ids': [10 * number + place for place in range(len(texts))],
            'sentences': [
                {
                    'sent_id': 10 * number + place,
                    'sent': text,
                    'raw': text.title(),
                    'tokens': text.split(),
                }
                for place, text in enumerate(texts)
            ],
        }
        for number, thing, image, split, texts in said
    ]


def write_refcoco(folder: Path, name: str = 'refcoco', split_by: str = 'unc') -> Path:
    """Write a data set of referring expressions and return the folder that holds its folder."""
    home = folder / name
    home.mkdir(parents=True)
    (home / 'instances.json').write_text(json.dumps(instances()))
    with (home / f'refs({split_by}).p').open('wb') as stream:
        # Those of the published files, which Python 2 wrote.
        pickle.dump(references(), stream, protocol=2)
    for entry in instances()['images']:
        write_image(folder / 'images/mscoco/images/train2014' / entry['file_name'])
    return folder


def write_coco(folder: Path) -> Path:
    """Write a folder in COCO's format and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / 'instances.json').write_text(json.dumps(instances('{}.png')))
    for number in (7, 8, 9):
        write_image(folder / 'images' / f'{number}.png')
    return folder


SENTENCES = {
    '100': """[/EN#1/people A man] in [/EN#2/clothing/other a hard hat] and [/EN#3/other nothing] .
[/EN#1/people He] sees [/EN#4/people two dogs] near [/EN#1/people the man] .
""",
    '200': '[/EN#9/scene A street] at [/EN#0/notvisual night] .\n',
}

_BOXES = {
    '100': [
        (['1'], (0, 0, 32, 24)),
        (['2'], (8, 6, 16, 12)),
        (['4'], (0, 0, 16, 48)),
        (['4', '5'], (48, 0, 64, 48)),
    ],
    '200': [(['9'], (0, 12, 64, 48))],
}


def annotation_xml(key: str) -> str:
    """Return the boxes of an image as Flickr30k Entities holds them."""
    return annotation_of(_BOXES[key])


def annotation_of(boxes: Sequence[tuple[Sequence[str], tuple[int, ...]]]) -> str:
    """Return boxes, each with the numbers of its entities, as Flickr30k Entities holds them."""
    things = [
        '<object>'
        + ''.join(f'<name>{name}</name>' for name in names)
        + '<bndbox>'
        + ''.join(
            f'<{tag}>{value}</{tag}>'
            for tag, value in zip(('xmin', 'ymin', 'xmax', 'ymax'), box, strict=True)
        )
        + '</bndbox></object>'
        for names, box in boxes
    ]
    hidden = '<object><name>3</name><scene>0</scene><nobndbox>1</nobndbox></object>'
    size = f'<size><width>{WIDTH}</width><height>{HEIGHT}</height><depth>3</depth></size>'
    return f'<annotation>{size}{"".join(things)}{hidden}</annotation>\n'


def write_flickr30k(folder: Path) -> Path:
    """Write a data set of captions with boxes and return its folder."""
    for part in ('Sentences', 'Annotations'):
        (folder / part).mkdir(parents=True)
    for key, text in SENTENCES.items():
        (folder / 'Sentences' / f'{key}.txt').write_text(text)
        (folder / 'Annotations' / f'{key}.xml').write_text(annotation_xml(key))
        write_image(folder / 'flickr30k-images' / f'{key}.jpg')
    (folder / 'test.txt').write_text('100\n200\n')
    (folder / 'val.txt').write_text('\n')
    return folder
