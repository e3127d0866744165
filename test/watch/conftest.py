# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The page in a process of its own, beside a scripted node and a camera; a browser to open it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
import shutil
import threading
from typing import Any

import pytest

from kosmos_ros.watch import entrance
from kosmos_ros.watch.hub import Hub
from kosmos_ros.watch.origins import Doorkeeper
from kosmos_ros.watch.server import Server

NODES = Path(__file__).resolve().parent.parent / 'nodes'
DRIVER = shutil.which('chromedriver')
BROWSER = next(filter(None, map(shutil.which, ('chromium', 'google-chrome', 'chrome'))), None)


@pytest.fixture
def start_node(start_process: Callable[..., Any]) -> Callable[..., Any]:
    """Start a grounding node with a scripted backend; its name is /grounding."""

    def start(behaviour: str = 'quick', **parameters: object) -> Any:
        arguments = [NODES / 'scripted_node.py', behaviour, '--ros-args']
        for name, value in parameters.items():
            arguments += ['-p', f'{name}:={value}']
        return start_process(*arguments)

    return start


@pytest.fixture
def start_camera(start_process: Callable[..., Any]) -> Callable[..., Any]:
    """Start a camera that shows a grey wall of 64x48 pixels, by default on the topic /image."""

    def start(topic: str = '/image') -> Any:
        return start_process(NODES / 'still_camera.py', '--ros-args', '-r', f'image:={topic}')

    return start


@pytest.fixture
def start_watch(start_process: Callable[..., Any]) -> Callable[..., tuple[Any, str]]:
    """Start kosmos-ros watch on a free port; returns its process and its address."""

    def start(*arguments: str) -> tuple[Any, str]:
        command = ['-m', 'kosmos_ros.cli', 'watch', '--namespace', '/', '--port', '0', *arguments]
        process = start_process(*command)
        return process, process.wait_for_output(r'The page is at (http://\S+)')[1]

    return start


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., int]]:
    """Serve the page in this process, without ROS, and log everything; returns the port."""
    monkeypatch.setattr(entrance, 'LOG_SECONDS', 0.0)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    started: list[Server] = []

    def call(step: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(step, loop).result(60.0)

    def start(doorkeeper: Doorkeeper | None = None) -> int:
        async def begin() -> int:
            hub = Hub('/grounding')
            started.append(Server(hub, doorkeeper or Doorkeeper('127.0.0.1')))
            return await started[-1].start('127.0.0.1', 0)

        return int(call(begin()))

    yield start
    for server in started:
        call(server.stop(5.0))
    loop.call_soon_threadsafe(loop.stop)
    thread.join(60.0)
    loop.close()


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Any]:
    """Give the test a headless Chromium; skip where there is none."""
    if DRIVER is None or BROWSER is None:
        pytest.skip(
            'a browser and its driver are missing: '
            'sudo apt-get install --no-install-recommends chromium chromium-driver'
        )
    webdriver = pytest.importorskip('selenium.webdriver')
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for argument in (
        '--headless=new',
        '--no-sandbox',  # which Chromium cannot have as root
        '--disable-dev-shm-usage',
        '--disable-gpu',
        '--window-size=1280,900',
        f'--user-data-dir={tmp_path}',
    ):
        options.add_argument(argument)
    options.set_capability('goog:loggingPrefs', {'browser': 'ALL'})
    service = webdriver.ChromeService(DRIVER)
    driver = webdriver.Chrome(service=service, options=options)
    driver.set_script_timeout(120)
    yield driver
    driver.quit()
