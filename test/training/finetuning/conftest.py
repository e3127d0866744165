# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A tiny checkpoint with the embedded model's tokenizer, and a folder of simple parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
import json
from pathlib import Path

from PIL import Image, ImageDraw
import pytest
from transformers import Kosmos2ForConditionalGeneration, Kosmos2Processor

from kosmos_ros.backends.checkpoint.devices import CPU
from kosmos_ros.backends.checkpoint.weights import load_weights
from kosmos_ros.core.types import Box, GroundingRequest, Task
from kosmos_ros.evaluation.questions.cases import Case, Kind, NamedBox
from kosmos_ros.evaluation.questions.items import TraitedCase
from training.export import export
from training.finetuning.settings import Settings
from training.model import model_config, start_model

SIDE = 64
COLORS = {'gasket': 'red', 'flange': 'blue', 'bolt': 'green'}

MakeSettings = Callable[..., Settings]
LoadTiny = Callable[[], Kosmos2ForConditionalGeneration]
Ask = Callable[..., TraitedCase]


def write_parts(folder: Path, count: int = 5) -> Path:
    """Write images of one coloured square each, bolts in none of them, in COCO's format."""
    (folder / 'images').mkdir(parents=True)
    names = list(COLORS)
    images, annotations = [], []
    for number in range(count):
        name = names[number % 2]
        x, y = 4 + 8 * (number % 5), 40 - 8 * (number % 5)
        image = Image.new('RGB', (SIDE, SIDE), 'white')
        ImageDraw.Draw(image).rectangle((x, y, x + 15, y + 15), fill=COLORS[name])
        image.save(folder / 'images' / f'{number}.png')
        images.append({'id': number, 'file_name': f'{number}.png', 'width': SIDE, 'height': SIDE})
        annotations.append(
            {
                'id': number,
                'image_id': number,
                'category_id': names.index(name),
                'bbox': [x, y, 16, 16],
            }
        )
    categories = [{'id': number, 'name': name} for number, name in enumerate(names)]
    content = {'images': images, 'annotations': annotations, 'categories': categories}
    (folder / 'instances.json').write_text(json.dumps(content))
    return folder


@pytest.fixture
def parts_folder(tmp_path: Path) -> Path:
    """Return a folder of five images that the test may damage."""
    return write_parts(tmp_path / 'parts')


@pytest.fixture(scope='session')
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a checkpoint that no test changes."""
    folder = tmp_path_factory.mktemp('tiny')
    export(start_model(model_config(32, 1)), folder)
    return folder


@pytest.fixture(scope='session')
def processor(tiny_folder: Path) -> Kosmos2Processor:
    """Return its processor."""
    return Kosmos2Processor.from_pretrained(tiny_folder, backend='pil')


@pytest.fixture
def load_tiny(tiny_folder: Path) -> LoadTiny:
    """Return what loads it anew, in float32."""
    import torch  # noqa: PLC0415

    return lambda: load_weights(tiny_folder, 'none', CPU, torch.float32)


@pytest.fixture
def make_settings(tiny_folder: Path, parts_folder: Path, tmp_path: Path) -> MakeSettings:
    """Return what makes settings of a short run; other values by name."""

    def make(**values: object) -> Settings:
        usual: dict[str, object] = {
            'model': str(tiny_folder),
            'format': 'coco',
            'folder': parts_folder,
            'to': tmp_path / 'result',
            'device': 'cpu',
            'epochs': 3,
            'batch': 2,
            'measure': 1,
        }
        return Settings(**(usual | values))  # type: ignore[arg-type]

    return make


@pytest.fixture
def ask() -> Ask:
    """Return what makes a question: ``ask('gasket', (x0, y0, x1, y1), ..., kind=...)``."""

    def make(phrase: str, *boxes: Sequence[float], kind: Kind = Kind.CATEGORY) -> TraitedCase:
        things = tuple(NamedBox(phrase, Box(*box)) for box in boxes)
        return TraitedCase(Case(kind, GroundingRequest(phrase, Task.LOCATE), things))

    return make
