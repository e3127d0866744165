# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Configurations that do not fit themselves or the weights, found before a model is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
import copy
import json
import os
from pathlib import Path
import random
import resource
import struct
from typing import Any

import pytest

from kosmos_ros.backends.checkpoint.files import check_checkpoint
from kosmos_ros.backends.checkpoint.sizes import check_sizes
from kosmos_ros.backends.kosmos2.loading import load_model
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.core.errors import ModelLoadError

MUTATIONS = int(os.environ.get('KOSMOS_ROS_MUTATIONS', '15'))
"""Of each file; more find more."""

MEMORY = 600_000_000
"""Bytes beyond those of the process, of which libraries take most when they first run."""

FILES = (
    'config.json',
    'generation_config.json',
    'processor_config.json',
    'tokenizer.json',
    'tokenizer_config.json',
)
TEXT, VISION = 'text_config', 'vision_config'


@pytest.fixture
def little_memory() -> Iterator[None]:
    """Limit the memory of this process."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path('/proc/self/statm').read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def load(folder: Path) -> None:
    load_model(ModelSettings(model=str(folder), device='cpu'))


def change(path: Path, *names: str, value: object) -> None:
    """Set a field of a JSON file."""
    content = inner = json.loads(path.read_text())
    for name in names[:-1]:
        inner = inner[name]
    inner[names[-1]] = value
    path.write_text(json.dumps(content))


def test_a_sound_checkpoint_passes(tiny_folder: Path) -> None:
    assert check_sizes(tiny_folder).text_config.layers == 2


@pytest.mark.usefixtures('little_memory')
@pytest.mark.parametrize(
    ('names', 'value', 'message'),
    [
        ((TEXT,), None, 'text_config must be an object, got None'),
        ((VISION,), None, 'vision_config must be an object, got None'),
        ((TEXT,), [], 'text_config must be an object'),
        ((TEXT, 'layers'), 10**9, r'text_config\.layers is beyond the limit'),
        ((TEXT, 'layers'), 200_000, '200000 layers, but the weights have 2'),
        ((TEXT, 'layers'), 1, '1 layers, but the weights have 2'),
        ((TEXT, 'layers'), 0, 'whole number above 0, got 0'),
        ((TEXT, 'layers'), True, '(must be a whole number|int)'),
        ((TEXT, 'layers'), '2', '(must be a whole number|int)'),
        ((TEXT, 'layers'), None, '(must be a whole number|int)'),
        ((TEXT, 'embed_dim'), 200_000, r'embed_tokens.* must have the shape \(.*, 200000\)'),
        ((TEXT, 'vocab_size'), 200_000, 'embed_tokens'),
        ((TEXT, 'ffn_dim'), 200_000, 'fc1'),
        ((TEXT, 'attention_heads'), 0, 'above 0, got 0'),
        ((TEXT, 'attention_heads'), 3, 'no multiple of 3 heads'),
        ((TEXT, 'max_position_embeddings'), 66, 'an image takes 66 positions'),
        ((TEXT, 'num_labels'), 10**9, 'num_labels is beyond the limit'),
        ((VISION, 'num_hidden_layers'), 200_000, 'layers, but the weights have 2'),
        ((VISION, 'num_attention_heads'), 0, 'above 0, got 0'),
        ((VISION, 'num_attention_heads'), 5, 'no multiple of 5 heads'),
        ((VISION, 'hidden_size'), 128, 'position_embedding|patch_embedding'),
        ((VISION, 'intermediate_size'), 200_000, 'fc1'),
        ((VISION, 'image_size'), 4096, 'position_embedding'),
        ((VISION, 'patch_size'), 0, 'above 0, got 0'),
        ((VISION, 'num_channels'), 4, 'patch_embedding'),
        (('latent_query_num',), 65, 'latent_query'),
        (('latent_query_num',), -1, 'above 0, got -1'),
        (('num_labels',), 10**9, 'num_labels is beyond the limit'),
        (('id2label',), 3, ''),
    ],
)
def test_sizes_that_do_not_fit_are_named(
    own_folder: Path, names: tuple[str, ...], value: object, message: str
) -> None:
    change(own_folder / 'config.json', *names, value=value)
    with pytest.raises(ModelLoadError, match=rf'config\.json.*{message}'):
        check_sizes(own_folder)


@pytest.mark.usefixtures('little_memory')
@pytest.mark.parametrize(
    ('file', 'names', 'value'),
    [
        ('processor_config.json', ('image_processor', 'size', 'height'), 10**6),
        ('processor_config.json', ('num_patch_index_tokens',), 10**9),
        ('processor_config.json', ('image_processor', 'image_mean'), []),
        ('processor_config.json', ('image_processor', 'size', 'width'), 0),
        ('generation_config.json', ('no_repeat_ngram_size',), 'three'),
        ('generation_config.json', ('no_repeat_ngram_size',), -1),
        ('tokenizer.json', ('model',), {'type': 'Unigram', 'unk_id': 9, 'vocab': [['a', 0.0]]}),
        ('tokenizer.json', ('added_tokens',), None),
        ('tokenizer_config.json', ('unk_token',), None),
        ('tokenizer_config.json', ('added_tokens_decoder',), {'x': 'y'}),
    ],
)
def test_other_files_that_do_not_fit_are_named(
    own_folder: Path, file: str, names: tuple[str, ...], value: object
) -> None:
    change(own_folder / file, *names, value=value)
    with pytest.raises(ModelLoadError, match=f'{own_folder}|{file}'):
        load(own_folder)


@pytest.mark.parametrize('file', FILES)
def test_what_is_no_file_is_not_opened(own_folder: Path, file: str) -> None:
    (own_folder / file).unlink(missing_ok=True)
    os.mkfifo(own_folder / file)
    with pytest.raises(ModelLoadError, match=f'{file} is no regular file'):
        check_checkpoint(own_folder)


@pytest.mark.parametrize('file', ['chat_template.jinja', 'special_tokens_map.json', 'odd'])
def test_what_libraries_look_for_beside_must_be_a_file_too(own_folder: Path, file: str) -> None:
    os.mkfifo(own_folder / file)
    with pytest.raises(ModelLoadError, match=f'{file} is no regular file'):
        check_checkpoint(own_folder)


def with_header(path: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    """Change the header of a safetensors file."""
    content = path.read_bytes()
    (length,) = struct.unpack('<Q', content[:8])
    header = json.loads(content[8 : 8 + length])
    edit(header)
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack('<Q', len(text)) + text + content[8 + length :])


@pytest.mark.usefixtures('little_memory')
def test_headers_of_weights_that_do_not_fit_are_named(own_folder: Path) -> None:
    path = own_folder / 'model.safetensors'
    sound = path.read_bytes()
    name = 'text_model.model.embed_tokens.weight'
    edits: list[Callable[[dict[str, Any]], object]] = [
        dict.clear,
        lambda header: header.pop(name),
        lambda header: header[name].update(shape=[1 << 40, 1 << 40]),
        lambda header: header[name].update(shape=header[name]['shape'][::-1]),
        lambda header: header[name].update(data_offsets=[0, 1 << 60]),
        lambda header: header[name].update(dtype='F0'),
        lambda header: header.update({name: None}),
        lambda header: header.update({name.replace('weight', 'odd.embed_tokens.weight'): None}),
    ]
    for edit in edits:
        path.write_bytes(sound)
        with_header(path, edit)
        with pytest.raises(ModelLoadError, match=r'embed_tokens|model\.safetensors'):
            check_sizes(own_folder)
    path.write_bytes(struct.pack('<Q', 1 << 62) + sound[8:])
    with pytest.raises(ModelLoadError, match=r'model\.safetensors is damaged: a header of'):
        check_sizes(own_folder)


def mutated(content: Any, chance: random.Random) -> Any:
    """Put something else in one or two places of a JSON value."""
    changed = copy.deepcopy(content)
    for _ in range(chance.choice((1, 1, 2))):
        inner, key = changed, None
        while isinstance(inner, (dict, list)) and inner and (key is None or chance.random() < 0.7):
            outer, key = inner, chance.choice(list(inner) if isinstance(inner, dict) else [0, -1])
            inner = outer[key]
        outer[key] = chance.choice(
            (None, 0, -1, 7, 10**5, 10**9, 10**400, 1e300, True, 'x', '', [], {}, [[[]]], {'a': 1})
        )
    return changed


@pytest.mark.usefixtures('little_memory')
@pytest.mark.filterwarnings('ignore')
@pytest.mark.parametrize('file', FILES)
def test_changed_files_are_loaded_or_named(own_folder: Path, file: str) -> None:
    chance = random.Random(file)
    path = own_folder / file
    sound = json.loads(path.read_text())
    refused = 0
    for _ in range(MUTATIONS):
        path.write_text(json.dumps(mutated(sound, chance)))
        try:
            load(own_folder)
        except ModelLoadError as error:
            assert str(own_folder) in str(error) or file in str(error)  # noqa: PT017
            refused += 1
    assert refused or file == 'generation_config.json'
