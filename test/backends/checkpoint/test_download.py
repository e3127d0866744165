# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""``kosmos-ros download`` against a small hub on this machine, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
import hashlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import json
from pathlib import Path
import re
import subprocess
import sys
import threading

import pytest

from kosmos_ros.backends.checkpoint.files import check_checkpoint, find_checkpoint
from kosmos_ros.core.errors import ModelLoadError

HUB_ID = 'somebody/tiny-kosmos'
COMMIT = '0123456789abcdef0123456789abcdef01234567'


class FakeHub(ThreadingHTTPServer):
    """
    Serves the files of one folder as one model, as the hub does.

    Large files are listed by their SHA-256; ``swapped`` holds contents sent in place of them.
    """

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(('127.0.0.1', 0), HubHandler)
        self.folder = folder
        self.swapped: dict[str, bytes] = {}
        self.sent: set[str] = set()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f'http://127.0.0.1:{self.server_port}'


class HubHandler(BaseHTTPRequestHandler):
    """The few routes that a download takes."""

    server: FakeHub

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        """Stay silent."""

    def _answer(self) -> None:
        path = self.path.split('?')[0]
        if path in (f'/api/models/{HUB_ID}/revision/{name}' for name in ('main', COMMIT)):
            self._send(json.dumps({'id': HUB_ID, 'sha': COMMIT, 'siblings': []}).encode())
        elif path == f'/api/models/{HUB_ID}/tree/{COMMIT}':
            files = sorted(self.server.folder.iterdir())
            self._send(json.dumps([self._entry(file) for file in files]).encode())
        elif path.startswith(f'/{HUB_ID}/resolve/{COMMIT}/'):
            self._send_file(self.server.folder / path.rsplit('/', 1)[1])
        else:
            missing = 'Revision' if f'/{HUB_ID}/revision/' in path else 'Repo'
            self._send(b'', status=404, headers={'X-Error-Code': f'{missing}NotFound'})

    def _entry(self, file: Path) -> dict[str, object]:
        entry: dict[str, object] = {'type': 'file', 'path': file.name, 'oid': 'a' * 40}
        entry['size'] = file.stat().st_size
        if file.suffix != '.json':
            entry['lfs'] = {'oid': sha256(file), 'size': entry['size'], 'pointerSize': 130}
        return entry

    def _send_file(self, file: Path) -> None:
        self.server.sent.add(file.name)
        content = self.server.swapped.get(file.name, file.read_bytes())
        headers = {'X-Repo-Commit': COMMIT, 'ETag': f'"{sha256(file)}"'}
        self._send(content, headers=headers)

    def _send(
        self, content: bytes, status: int = 200, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header('Content-Length', str(len(content)))
        self.end_headers()
        if self.command == 'GET':
            self.wfile.write(content)


def sha256(file: Path) -> str:
    """Return the digest that the hub lists."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.fixture
def hub(own_folder: Path) -> Iterator[FakeHub]:
    """Return a hub that has the tiny checkpoint, and beside it what must not come along."""
    (own_folder / 'pytorch_model.bin').write_bytes(b'pickle')
    (own_folder / 'modeling.py').write_text('raise SystemExit')
    server = FakeHub(own_folder)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty cache, for this process and the command."""
    folder = tmp_path / 'cache'
    monkeypatch.setenv('HF_HUB_CACHE', str(folder))
    monkeypatch.setattr('huggingface_hub.constants.HF_HUB_CACHE', str(folder))
    return folder


def run_download(
    model: str, url: str, monkeypatch: pytest.MonkeyPatch, *options: str, offline: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run the command with its hub at ``url``."""
    monkeypatch.setenv('HF_ENDPOINT', url)
    monkeypatch.setenv('HF_HUB_OFFLINE', str(int(offline)))
    monkeypatch.setenv('HF_HUB_DISABLE_XET', '1')
    command = [sys.executable, '-m', 'kosmos_ros', 'download', model, *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_download_is_complete_checked_and_found_offline(
    hub: FakeHub, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run_download(HUB_ID, hub.url, monkeypatch)
    assert result.returncode == 0, result.stderr
    folder = find_checkpoint(HUB_ID)
    assert str(folder) in result.stdout
    assert cache in folder.parents
    check_checkpoint(folder)
    assert {path.suffix for path in folder.iterdir()} == {'.json', '.safetensors', ''}
    assert f'its commit is {COMMIT}' in result.stdout
    assert {Path(name).suffix for name in hub.sent} == {'.json', '.safetensors'}


def test_demo_pictures_come_along_and_can_come_alone(
    hub: FakeHub, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ('snowman.png', 'annotated_snowman.jpg', 'another.png'):
        (hub.folder / name).write_bytes(name.encode())
    result = run_download(HUB_ID, hub.url, monkeypatch, '--images-only')
    assert result.returncode == 0, result.stderr
    assert hub.sent == {'snowman.png', 'annotated_snowman.jpg'}
    paths = [Path(line) for line in result.stdout.splitlines()]
    assert [path.read_bytes() for path in paths] == [b'snowman.png', b'annotated_snowman.jpg']
    with pytest.raises(ModelLoadError, match='download it once'):
        find_checkpoint(HUB_ID)
    assert run_download(HUB_ID, hub.url, monkeypatch).returncode == 0
    assert paths[0].parent == find_checkpoint(HUB_ID)
    assert 'another.png' not in hub.sent


def test_a_repository_without_demo_pictures(
    hub: FakeHub, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run_download(HUB_ID, hub.url, monkeypatch, '--images-only')
    assert result.returncode == 3
    assert f"'{HUB_ID}' has none of snowman.png, annotated_snowman.jpg" in result.stderr


def test_damage_on_the_way_is_found(
    hub: FakeHub, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = bytearray((hub.folder / 'model.safetensors').read_bytes())
    content[-1] ^= 1
    hub.swapped['model.safetensors'] = bytes(content)
    result = run_download(HUB_ID, hub.url, monkeypatch)
    assert result.returncode == 3
    assert 'model.safetensors was damaged on the way' in result.stderr


def test_a_commit_can_be_named_and_later_damage_is_found(
    hub: FakeHub, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = f'{HUB_ID}@{COMMIT}'
    assert run_download(model, hub.url, monkeypatch).returncode == 0
    folder = find_checkpoint(model)
    assert folder.name == COMMIT
    # What is newest was never asked for.
    with pytest.raises(ModelLoadError, match='download it once'):
        find_checkpoint(HUB_ID)
    monkeypatch.setattr('kosmos_ros.backends.checkpoint.files.PINNED', {HUB_ID: COMMIT})
    assert find_checkpoint(HUB_ID) == folder
    hub.shutdown()
    result = run_download(model, hub.url, monkeypatch, '--check', offline=True)
    assert result.returncode == 0, result.stderr
    assert re.search(r'^\d+ files in .* are as SHA256SUMS says', result.stdout)
    weights = (folder / 'model.safetensors').resolve()
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(bytes(content))
    result = run_download(model, hub.url, monkeypatch, '--check', offline=True)
    assert result.returncode == 3
    assert 'model.safetensors is damaged' in result.stderr


def test_a_commit_that_is_not_there_is_named(
    hub: FakeHub, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run_download(f'{HUB_ID}@abc', hub.url, monkeypatch)
    assert result.returncode == 3
    assert f"the hub has no commit abc of '{HUB_ID}'" in result.stderr


def test_without_checksums_there_is_nothing_to_check(
    own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run_download(str(own_folder), '', monkeypatch, '--check')
    assert result.returncode == 3
    assert 'has no SHA256SUMS' in result.stderr


def test_a_model_that_is_not_there(
    hub: FakeHub, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run_download('nobody/nothing', hub.url, monkeypatch)
    assert result.returncode == 3
    assert "the hub has no model 'nobody/nothing'" in result.stderr


@pytest.mark.parametrize('offline', [False, True])
def test_without_a_network_the_message_says_so(
    cache: Path, monkeypatch: pytest.MonkeyPatch, offline: bool
) -> None:
    result = run_download(HUB_ID, 'http://127.0.0.1:9', monkeypatch, offline=offline)
    assert result.returncode == 3
    assert 'is this machine online' in result.stderr
    assert 'Traceback' not in result.stderr


def test_what_is_no_hub_id_is_refused(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run_download('a/b/c', 'http://127.0.0.1:9', monkeypatch)
    assert result.returncode == 3
    assert 'expected owner/name' in result.stderr
