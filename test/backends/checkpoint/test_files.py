# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Finding checkpoints, and refusing damaged or dangerous ones by the name of the file."""

from collections.abc import Callable
import json
from pathlib import Path
import pickle
import shutil

import pytest

from kosmos_ros.backends.checkpoint.files import (
    check_checkpoint,
    check_sums,
    find_checkpoint,
    weight_files,
    write_checksums,
)
from kosmos_ros.backends.kosmos2.loading import load_model
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.core.errors import ModelLoadError

Damage = Callable[[Path], None]
HUB_ID = 'somebody/tiny-kosmos'


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty cache of the hub's files."""
    folder = tmp_path / 'cache'
    monkeypatch.setattr('huggingface_hub.constants.HF_HUB_CACHE', str(folder))
    return folder


def truncate(path: Path) -> None:
    """Lose the second half of a file."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip_last_bit(path: Path) -> None:
    """Change one bit of the last byte, which is a weight's in a safetensors file."""
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(bytes(content))


def break_header(path: Path) -> None:
    """Change a byte near the beginning."""
    content = bytearray(path.read_bytes())
    content[3] ^= 0xFF
    path.write_bytes(bytes(content))


def change_a_score(path: Path) -> None:
    """Change a digit of a tokenizer that stays valid."""
    path.write_text(path.read_text(encoding='utf-8').replace('-3.0', '-2.0', 1), encoding='utf-8')


def empty(path: Path) -> None:
    """Leave a file of no bytes."""
    path.write_bytes(b'')


def write_list(path: Path) -> None:
    """Leave JSON of another kind."""
    path.write_text('[1]')


class Canary:
    """A pickle that writes a file when it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, (f'open({str(self.path)!r}, "w").close()',)


def test_a_folder_is_found(tiny_folder: Path) -> None:
    assert find_checkpoint(str(tiny_folder)) == tiny_folder
    check_checkpoint(tiny_folder)


def test_a_home_folder_is_found(tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('HOME', str(tiny_folder.parent))
    assert find_checkpoint(f'~/{tiny_folder.name}') == tiny_folder


def test_a_cached_hub_model_is_found(cache: Path, tiny_folder: Path) -> None:
    store = cache / 'models--somebody--tiny-kosmos'
    shutil.copytree(tiny_folder, store / 'snapshots' / 'abc')
    (store / 'refs').mkdir()
    (store / 'refs' / 'main').write_text('abc')
    assert find_checkpoint(HUB_ID) == store / 'snapshots' / 'abc'
    assert load_model(ModelSettings(model=HUB_ID, device='cpu')).name == HUB_ID


def test_a_missing_hub_model_names_the_command(cache: Path) -> None:
    with pytest.raises(ModelLoadError, match=f'kosmos-ros download {HUB_ID}'):
        find_checkpoint(HUB_ID)


def test_a_download_that_was_broken_off_names_the_command(cache: Path, own_folder: Path) -> None:
    (own_folder / 'model.safetensors').unlink()
    with pytest.raises(ModelLoadError, match=r'is missing$'):
        check_checkpoint(own_folder)
    snapshot = cache / 'models--somebody--tiny-kosmos' / 'snapshots' / 'abc'
    shutil.move(own_folder, snapshot)
    with pytest.raises(ModelLoadError, match=r'is missing: "kosmos-ros download MODEL" completes'):
        check_checkpoint(snapshot)


def test_a_file_is_no_model(own_folder: Path) -> None:
    with pytest.raises(ModelLoadError, match='is a file: name the folder'):
        find_checkpoint(str(own_folder / 'config.json'))


@pytest.mark.parametrize(
    'model', ['./nowhere', '/no/such/folder', 'a b', 'one/two/three', '../no-such-neighbour']
)
def test_what_is_neither_folder_nor_hub_id_is_refused(cache: Path, model: str) -> None:
    with pytest.raises(ModelLoadError, match='no such folder'):
        find_checkpoint(model)


@pytest.mark.parametrize('damage', [Path.unlink, truncate, empty, write_list])
@pytest.mark.parametrize('name', ['config.json', 'tokenizer.json', 'processor_config.json'])
def test_damaged_json_is_named(own_folder: Path, name: str, damage: Damage) -> None:
    damage(own_folder / name)
    with pytest.raises(ModelLoadError, match=name):
        check_checkpoint(own_folder)


@pytest.mark.parametrize('damage', [Path.unlink, truncate, break_header, empty])
def test_damaged_weights_are_named(own_folder: Path, damage: Damage) -> None:
    damage(own_folder / 'model.safetensors')
    with pytest.raises(ModelLoadError, match=r'model\.safetensors'):
        check_checkpoint(own_folder)


@pytest.mark.parametrize(
    ('name', 'damage'),
    [('model.safetensors', flip_last_bit), ('tokenizer.json', change_a_score)],
)
def test_quiet_damage_is_found_by_the_checksums(
    own_folder: Path, name: str, damage: Damage
) -> None:
    write_checksums(own_folder)
    check_checkpoint(own_folder)
    damage(own_folder / name)
    with pytest.raises(ModelLoadError, match=rf'{name}.*SHA-256'):
        check_checkpoint(own_folder)


def test_a_file_with_a_checksum_must_be_there(own_folder: Path) -> None:
    write_checksums(own_folder)
    (own_folder / 'generation_config.json').unlink()
    with pytest.raises(ModelLoadError, match=r'generation_config\.json is missing'):
        check_checkpoint(own_folder)


def test_a_missing_shard_is_named(make_checkpoint: Callable[..., Path], tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path, max_shard_size='100KB')
    shards = weight_files(folder)
    assert len(shards) > 1
    check_checkpoint(folder)
    shards[1].unlink()
    with pytest.raises(ModelLoadError, match=shards[1].name):
        check_checkpoint(folder)


@pytest.mark.parametrize(
    'content',
    [
        {},
        {'weight_map': None},
        {'weight_map': {}},
        {'weight_map': {'a': '../../other.safetensors'}},
        {'weight_map': {'a': '/etc/passwd'}},
        {'weight_map': {'a': ''}},
        {'weight_map': {'a': '..'}},
    ],
)
def test_an_index_names_files_beside_it(own_folder: Path, content: object) -> None:
    (own_folder / 'model.safetensors').unlink()
    index = own_folder / 'model.safetensors.index.json'
    index.write_text(json.dumps(content))
    with pytest.raises(ModelLoadError, match=r'index\.json: expected a weight_map|is no regular'):
        check_checkpoint(own_folder)


def test_an_adapter_beside_the_weights_would_load_another_model(own_folder: Path) -> None:
    (own_folder / 'adapter_config.json').write_text('{"base_model_name_or_path": "/elsewhere"}')
    with pytest.raises(ModelLoadError, match=r'adapter_config\.json: an adapter'):
        check_checkpoint(own_folder)


def test_other_files_in_the_folder_may_be_anything(own_folder: Path) -> None:
    (own_folder / 'trainer_state.json').write_text('[' * 100_000)
    (own_folder / 'checkpoint.json').mkdir()
    check_checkpoint(own_folder)


def test_checksums_of_large_files_are_left_to_those_who_ask(own_folder: Path) -> None:
    write_checksums(own_folder)
    assert check_sums(own_folder) > 3
    flip_last_bit(own_folder / 'model.safetensors')
    assert check_sums(own_folder, most=10) == 0
    with pytest.raises(ModelLoadError, match=r'model\.safetensors is damaged'):
        check_sums(own_folder)


@pytest.mark.parametrize('content', [b'\xff\n', b'no checksum\n', b'abc  ..\n'])
def test_damaged_checksums_are_named(own_folder: Path, content: bytes) -> None:
    (own_folder / 'SHA256SUMS').write_bytes(content)
    with pytest.raises(ModelLoadError, match=str(own_folder)):
        check_checkpoint(own_folder)


def test_another_kind_of_model_is_refused(own_folder: Path) -> None:
    config = json.loads((own_folder / 'config.json').read_text())
    (own_folder / 'config.json').write_text(json.dumps(config | {'model_type': 'clip'}))
    with pytest.raises(ModelLoadError, match=r"expected model_type 'kosmos-2', got 'clip'"):
        check_checkpoint(own_folder)


def test_a_pickle_alone_is_refused_and_never_read(own_folder: Path, tmp_path: Path) -> None:
    canary = tmp_path / 'canary'
    (own_folder / 'model.safetensors').unlink()
    pickled = own_folder / 'pytorch_model.bin'
    pickled.write_bytes(pickle.dumps(Canary(canary)))
    with pytest.raises(ModelLoadError, match=r'pytorch_model\.bin.*never loaded'):
        load_model(ModelSettings(model=str(own_folder), device='cpu'))
    assert not canary.exists()
    pickle.loads(pickled.read_bytes())  # noqa: S301
    assert canary.exists(), 'this canary would not have told'


def test_a_pickle_beside_the_weights_is_never_read(own_folder: Path, tmp_path: Path) -> None:
    canary = tmp_path / 'canary'
    (own_folder / 'pytorch_model.bin').write_bytes(pickle.dumps(Canary(canary)))
    load_model(ModelSettings(model=str(own_folder), device='cpu'))
    assert not canary.exists()


def test_code_in_a_checkpoint_is_never_run(own_folder: Path, tmp_path: Path) -> None:
    canary = tmp_path / 'canary'
    (own_folder / 'evil.py').write_text(f'open({str(canary)!r}, "w").close()\nclass Model: pass\n')
    for name in ('config.json', 'processor_config.json', 'tokenizer_config.json'):
        path = own_folder / name
        classes = ('AutoConfig', 'AutoModel', 'AutoProcessor', 'AutoImageProcessor')
        evil = {'auto_map': dict.fromkeys(classes, 'evil.Model')}
        path.write_text(json.dumps(json.loads(path.read_text()) | evil))
    load_model(ModelSettings(model=str(own_folder), device='cpu'))
    assert not canary.exists()
