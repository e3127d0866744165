# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of the report's files: the page, its plots, and the pictures of the worst answers."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
import json
from pathlib import Path
import re

import numpy as np
from PIL import Image
import pytest

from kosmos_ros.core.errors import InvalidImageError
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.types import Grounding, GroundingRequest
from kosmos_ros.evaluation.questions.cases import Case, Kind
from kosmos_ros.evaluation.report.figures import About
from kosmos_ros.evaluation.report.files import PLOTS, save_report, WORST
from kosmos_ros.evaluation.scoring.records import Record
from kosmos_ros.evaluation.summary import Summary

Asked = list[tuple[RgbImage, Case]]
ABOUT = About('<model> & more', 'rendered scenes', 20, {'threshold': 0.5})


class Page(HTMLParser):
    """Collects what a page would load, its texts, and tags that were left open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [
            value or '' for name, value in attrs if name in ('src', 'srcset', 'href')
        ]
        if tag not in ('meta', 'img', 'source'):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, text: str) -> None:
        self.words.append(text)


@pytest.fixture(scope='module')
def report(
    cases: Asked,
    oracle: Callable[[RgbImage, Case], Grounding],
    unknowing: Callable[[RgbImage, GroundingRequest], Grounding],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Report every fourth answer of a model that knows all, the others of one that does not."""
    images: dict[str, RgbImage] = {}
    summary = Summary()
    for number, (image, case) in enumerate(cases[:120]):
        knows = number % 4 == 0
        answer = oracle(image, case) if knows else unknowing(image, case.request)
        images[f'{number}'] = image
        traits = {'shape': 'cube' if number % 3 else 'ball', 'objects': str(number % 5)}
        summary.add(Record(f'{number}#1/1', f'{number}', case, answer, traits))
    folder = tmp_path_factory.mktemp('report')
    stale = folder / WORST / '99_old.png'
    stale.parent.mkdir()
    stale.touch()
    save_report(summary, ABOUT, folder, images.__getitem__)
    return folder


def test_the_page_loads_nothing_and_is_whole(report: Path) -> None:
    page = Page((report / 'report.html').read_text(encoding='utf-8'))
    assert not page.open
    assert page.addresses
    assert all(address.startswith('data:image/') for address in page.addresses)
    text = ' '.join(page.words)
    assert '<model> & more on rendered scenes' in text
    assert not re.search(r'https?://', text)


def test_each_plot_is_there_for_light_and_for_dark(report: Path) -> None:
    names = {path.stem for path in (report / PLOTS).iterdir()}
    expected = {'tasks', 'by_shape', 'by_objects', 'overlaps', 'absent', 'threshold', 'seconds'}
    assert names >= expected | {'reliability_existence', 'reliability_box'}
    html = (report / 'report.html').read_text(encoding='utf-8')
    assert html.count('<picture>') == html.count('(prefers-color-scheme: dark)') - 1 == len(names)
    for path in (report / PLOTS).iterdir():
        picture = np.asarray(Image.open(path).convert('L'))
        assert picture[0, 0] > 240
        assert picture.min() < 128


def test_the_twenty_worst_are_pictures_with_words(report: Path) -> None:
    saved = json.loads((report / 'eval.json').read_text())['worst']
    assert len(saved) == 20
    assert {path.name for path in (report / WORST).iterdir()} == {
        Path(entry['picture']).name for entry in saved
    }
    grades = [entry['grade'] for entry in saved]
    assert grades == sorted(grades)
    assert len({entry['kind'] for entry in saved}) > 5
    unique = next(entry for entry in saved if entry['kind'] == Kind.UNIQUE.value)
    assert unique['answer'] == 'nothing (existence 0.00)'
    picture = Image.open(report / unique['picture'])
    assert picture.width == 640
    assert picture.height > 480


def test_what_is_right_is_dashed_in_the_picture(report: Path, cases: Asked) -> None:
    """Where a model found nothing, only the truth and the words differ from the image."""
    saved = json.loads((report / 'eval.json').read_text())['worst']
    unique = next(entry for entry in saved if entry['kind'] == Kind.UNIQUE.value)
    image, case = cases[int(unique['key'].partition('#')[0])]
    drawn = np.asarray(Image.open(report / unique['picture']))[:400]
    changed = np.argwhere((drawn != image[:400]).any(axis=2))
    box = case.things[0].box
    rows, columns = changed[:, 0] / 480, changed[:, 1] / 640
    assert len(changed)
    assert rows.min() >= box.y0 - 0.01
    assert columns.min() == pytest.approx(box.x0, abs=0.01)
    assert columns.max() == pytest.approx(box.x1, abs=0.01)


def test_an_image_that_is_gone_is_not_shown(
    cases: Asked, unknowing: Callable[[RgbImage, GroundingRequest], Grounding], tmp_path: Path
) -> None:
    def gone(image: str) -> RgbImage:
        raise InvalidImageError(image)

    image, case = next(asked for asked in cases if asked[1].kind is Kind.UNIQUE)
    wrong = Summary([Record('1#1/1', '1', case, unknowing(image, case.request))])
    figures, _ = save_report(wrong, ABOUT, tmp_path, gone)
    saved = json.loads(figures.read_text())
    assert (saved['questions'], saved['worst']) == (1, [])
