# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Answers about many pictures as COCO JSON and as CSV, written line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
import csv
from datetime import datetime, timezone
import json
from pathlib import Path
from types import MappingProxyType
from typing import Any, IO

from kosmos_ros.batch.answered import answered_in, found_in
from kosmos_ros.batch.running import frame_name
from kosmos_ros.core.files import writing
from kosmos_ros.core.geometry import box_to_pixels
from kosmos_ros.core.types import Grounding
from kosmos_ros.results.journal import Journal

CSV_COLUMNS = (
    'file', 'stamp_ns', 'width', 'height', 'query', 'task', 'status', 'text', 'phrase', 'role',
    'existence', 'score', 'x0', 'y0', 'x1', 'y1', 'seconds', 'calibrated',
)  # fmt: skip
"""Boxes are in pixels of the upright picture; a phrase without a box has a row without one."""

# Names of files that are not UTF-8 come out as escapes of JSON.
_TEXT = MappingProxyType({'mode': 'w', 'encoding': 'utf-8', 'errors': 'backslashreplace'})


def write_csv(journal: Journal, path: Path) -> None:
    """Write a row for each box, and for each phrase or query without one."""
    with writing(path, newline='', **_TEXT) as stream:
        writer = csv.writer(stream)
        writer.writerow(CSV_COLUMNS)
        for name, answered in answered_in(journal):
            stamp = '' if answered.stamp_ns is None else answered.stamp_ns
            for answer in answered.answers:
                head = (name, stamp, answered.width, answered.height, answer.query,
                        answer.task.name, answer.status.name, answer.text)  # fmt: skip
                tail = f'{answer.inference_time:.4f}', str(answer.calibrated).lower()
                for row in _rows(answer):
                    writer.writerow((*head, *row, *tail))


def write_coco(
    journal: Journal, path: Path, info: Mapping[str, Any], frames: Path | None = None
) -> None:
    """
    Write detections in the format of COCO: images, annotations with scores, categories.

    Categories are the phrases. Pictures without a detection are listed too.

    :param info: becomes the file's ``info``, in types of JSON.
    :param frames: folder of plain copies; an image with a copy is listed by its path, relative to
        the folder of the file.
    """
    categories: dict[str, int] = {}
    with writing(path, **_TEXT) as stream:
        about = {'date_created': datetime.now(timezone.utc).isoformat(timespec='seconds'), **info}
        stream.write(f'{{"info":{json.dumps(about, ensure_ascii=False)},\n"images":')
        _write_list(stream, _images(journal, path.parent, frames))
        stream.write(',\n"annotations":')
        _write_list(stream, _annotations(journal, categories))
        stream.write(',\n"categories":')
        _write_list(stream, ({'id': id_, 'name': name} for name, id_ in categories.items()))
        stream.write('}\n')


def _images(journal: Journal, home: Path, frames: Path | None) -> Iterator[dict[str, Any]]:
    for number, (name, answered) in enumerate(answered_in(journal), start=1):
        frame = None if frames is None else frames / frame_name(name)
        is_there = frame is not None and frame.is_file()
        file = frame.relative_to(home).as_posix() if frame and is_there else name
        stamp = {} if answered.stamp_ns is None else {'stamp_ns': answered.stamp_ns}
        size = {'width': answered.width, 'height': answered.height}
        yield {'id': number, 'file_name': file, **size, **stamp}


def _annotations(journal: Journal, categories: dict[str, int]) -> Iterator[dict[str, Any]]:
    """Yield the boxes, numbering phrases in order of appearance."""
    number = 0
    for image, (_, answered) in enumerate(answered_in(journal), start=1):
        for answer in answered.answers:
            for phrase, boxes in found_in(answer):
                # Phrases that were never found are categories too.
                category = categories.setdefault(phrase, len(categories) + 1)
                for found in boxes:
                    number += 1
                    x0, y0, x1, y1 = box_to_pixels(found.box, answered.width, answered.height)
                    yield {
                        'id': number,
                        'image_id': image,
                        'category_id': category,
                        'bbox': [round(value, 2) for value in (x0, y0, x1 - x0, y1 - y0)],
                        'area': round((x1 - x0) * (y1 - y0), 2),
                        'iscrowd': 0,
                        'score': round(found.score, 6),
                    }


def _rows(answer: Grounding) -> Iterator[tuple[str, ...]]:
    """Yield phrase, role, existence, score and corners."""
    size = answer.image_width, answer.image_height
    if not answer.phrases:
        yield ('',) * 8
    for phrase in answer.phrases:
        head = (phrase.text, phrase.role.name, f'{phrase.existence:.6f}')
        for index in phrase.detections:
            found = answer.detections[index]
            corners = (f'{value:.2f}' for value in box_to_pixels(found.box, *size))
            yield (*head, f'{found.score:.6f}', *corners)
        if not phrase.detections:
            yield (*head, '', '', '', '', '')


def _write_list(stream: IO[str], entries: Iterator[dict[str, Any]]) -> None:
    stream.write('[')
    for number, entry in enumerate(entries):
        stream.write(',\n' if number else '\n')
        json.dump(entry, stream, ensure_ascii=False)
    stream.write(']')
