# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Fixtures that more than one test package uses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
import fcntl
import os
from pathlib import Path
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from typing import Any

from hypothesis import settings
import pytest

ROOT = Path(__file__).resolve().parent.parent

# Read when torch and OpenCV load, here and in every child. More threads than cores that are
# free only make tests that run side by side slower.
os.environ.setdefault('OMP_NUM_THREADS', str(min(2, os.cpu_count() or 1)))
os.environ.setdefault('OMP_WAIT_POLICY', 'PASSIVE')
os.environ.setdefault('GOMP_SPINCOUNT', '30000')
os.environ.setdefault('TOKENIZERS_PARALLELISM', 'false')
# How long an example takes says more about the machine than about the code.
# A run that decides on a change tries the same examples every time; other runs look for new ones.
settings.register_profile('kosmos_ros', deadline=None, derandomize='CI' in os.environ)
settings.load_profile('kosmos_ros')
# A shell without job control makes its background jobs ignore SIGINT, and children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
# No test may depend on a network.
os.environ['HF_HUB_OFFLINE'] = '1'
os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what is marked ``cuda`` where there is no such device."""
    if item.get_closest_marker('cuda') is None:
        return
    torch = pytest.importorskip('torch')
    if not torch.cuda.is_available():
        pytest.skip('needs a CUDA device')


_LAST_PARTICIPANT = 7
"""The last one whose port is looked at by programs of ours that choose a domain by themselves."""


@contextmanager
def claimed_domain() -> Iterator[int]:
    """
    Hold a ROS domain that no other test run and no other ROS program on this machine uses.

    A locked file keeps parallel test runs apart; a port of the domain that is taken shows a
    program that knows nothing of these locks, and one that is held here shows the domain to it.

    :returns: the domain, within 1..100 (higher ones reach into the ephemeral ports of Linux).
    :raises RuntimeError: when all are taken.
    """
    folder = Path(tempfile.gettempdir()) / 'kosmos_ros_test_domains'
    folder.mkdir(exist_ok=True, mode=0o777)
    first = os.getpid() % 100
    for offset in range(100):
        domain = (first + offset) % 100 + 1
        with (folder / str(domain)).open('w') as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            with _held(domain, 0) as is_free:
                pass
            with _held(domain, _LAST_PARTICIPANT) as is_held:
                if is_free and is_held:
                    yield domain
                    return
    raise RuntimeError('all ROS domains within 1..100 are in use')


@contextmanager
def _held(domain: int, participant: int) -> Iterator[bool]:
    """Hold the discovery port of a DDS participant; tell whether nobody else does."""
    # DDSI-RTPS 2.3, section 9.6.1.1
    port = 7400 + 250 * domain + 10 + 2 * participant
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as held:
        try:
            held.bind(('', port))
        except OSError:
            yield False
        else:
            yield True


@pytest.fixture(autouse=True)
def ros_domain(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """
    Give each test a ROS domain of its own, in ROS_DOMAIN_ID for it and its children.

    Fixtures that start ROS processes ask for it by name, so that it is set before.
    """
    with claimed_domain() as domain:
        monkeypatch.setenv('ROS_DOMAIN_ID', str(domain))
        yield domain


class Process:
    """A child that leads a process group of its own; its output is collected as it comes."""

    def __init__(self, arguments: Sequence[str | Path], environment: dict[str, str]) -> None:
        """
        Start it.

        :param arguments: the command line.
        :param environment: variables to set on top of this process's.
        """
        # Unbuffered, so that a test sees a line when it is printed.
        variables = os.environ | {'PYTHONUNBUFFERED': '1'} | environment
        self._lines: list[str] = []
        self._news = threading.Condition()
        self._ended = False
        self._child = subprocess.Popen(
            [str(argument) for argument in arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors='replace',
            env=variables,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def output(self) -> str:
        """Everything printed so far, standard output and error together."""
        with self._news:
            return ''.join(self._lines)

    @property
    def pid(self) -> int:
        """Process id of the child, which is its group's id too."""
        return self._child.pid

    @property
    def returncode(self) -> int | None:
        """Exit status, negative for a signal, None while it runs."""
        return self._child.poll()

    def wait_for_output(self, pattern: str, timeout: float = 60.0) -> re.Match[str]:
        """
        Wait until the output matches.

        :param pattern: regular expression, searched in the whole output.
        :param timeout: seconds.
        :returns: the match.
        :raises AssertionError: when the child ends or the time is over before.
        """
        deadline = time.monotonic() + timeout
        with self._news:
            while True:
                match = re.search(pattern, ''.join(self._lines))
                if match:
                    return match
                left = deadline - time.monotonic()
                if self._ended or left <= 0:
                    why = 'it ended' if self._ended else f'{timeout} s passed'
                    raise AssertionError(f'{why} before {pattern!r} came:\n{"".join(self._lines)}')
                self._news.wait(left)

    def signal(self, number: signal.Signals = signal.SIGINT) -> None:
        """Signal the whole group, as Ctrl-C in a terminal does."""
        if self._child.poll() is None:
            os.killpg(self._child.pid, number)

    def wait(self, timeout: float = 60.0) -> int:
        """
        Wait for the end.

        :param timeout: seconds.
        :returns: the exit status.
        :raises AssertionError: when it still runs after that.
        """
        try:
            status = self._child.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f'still running after {timeout} s:\n{self.output}') from None
        self._reader.join(timeout=5.0)
        return status

    def interrupt(self, timeout: float = 20.0) -> int:
        """Send SIGINT to the group, wait for the end and return the exit status."""
        self.signal(signal.SIGINT)
        return self.wait(timeout)

    def kill(self) -> None:
        """End the group at once, whatever is left of it."""
        with suppress(ProcessLookupError):  # all of it may have ended by itself
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
        self._reader.join(timeout=5.0)

    def _read(self) -> None:
        assert self._child.stdout is not None
        for line in self._child.stdout:
            with self._news:
                self._lines.append(line)
                self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()


StartProcess = Callable[..., Process]


@pytest.fixture
def start_process(ros_domain: int) -> Iterator[StartProcess]:
    """
    Start children that are killed when the test ends.

    ``start_process('-m', 'kosmos_ros.nodes.grounding_node')`` runs this Python with these
    arguments and returns a ``Process``; ``python=False`` runs the first argument itself,
    ``environment={...}`` sets variables.
    """
    started: list[Process] = []

    def start(
        *arguments: str | Path, python: bool = True, environment: dict[str, str] | None = None
    ) -> Process:
        command = [sys.executable, *arguments] if python else list(arguments)
        process = Process(command, environment or {})
        started.append(process)
        return process

    yield start
    for process in reversed(started):
        process.kill()


@pytest.fixture(scope='session')
def kosmos2_material() -> Path:
    """Folder with tokenizer and transcripts of the published model; most checkouts lack it."""
    folder = ROOT.parent / 'shared' / 'kosmos2'
    if not folder.is_dir():
        pytest.skip(f"the published model's material is not at {folder}")
    return folder


@pytest.fixture(scope='session')
def published_processor(kosmos2_material: Path) -> Any:
    """Build the processor of the published model, 65037 tokens, from its sentencepiece model."""
    sentencepiece_model = pytest.importorskip('sentencepiece.sentencepiece_model_pb2')
    transformers = pytest.importorskip('transformers')
    proto = sentencepiece_model.ModelProto()
    proto.ParseFromString((kosmos2_material / 'sentencepiece.bpe.model').read_bytes())
    special = [('<s>', 0.0), ('<pad>', 0.0), ('</s>', 0.0), ('<unk>', 0.0)]
    pieces = [(piece.piece, piece.score) for piece in proto.pieces]
    tokenizer = transformers.XLMRobertaTokenizer(
        vocab=[*special, *pieces[3:], ('<mask>', 0.0)],
        _spm_precompiled_charsmap=proto.normalizer_spec.precompiled_charsmap,
    )
    images = transformers.CLIPImageProcessor(use_square_size=True)
    return transformers.Kosmos2Processor(images, tokenizer)


@pytest.fixture(scope='session')
def published_vocabulary(published_processor: Any) -> Any:
    """Wrap its tokenizer as the backend does."""
    module = pytest.importorskip('kosmos_ros.backends.kosmos2.vocabulary')
    return module.Kosmos2Vocabulary(published_processor, latents=64)
