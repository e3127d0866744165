# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Make the picture of ``kosmos-ros watch`` that README shows: a real run, in headless Chromium.

    scripts/in_env.sh python -m scripts.watch_picture docs/watch.png
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
import io
from pathlib import Path
import re
import shutil
import subprocess
import sys
import tempfile

from PIL import Image
from selenium import webdriver
from selenium.webdriver.support.wait import WebDriverWait

from kosmos_ros.demo.system import running_system

QUESTIONS = (
    'What is the red object?',
    '',
    'the yellow plate',
    'the pink bowl; the orange star; the red bowl',
    'put the red bowl left of the black star',
)
SCENE = 1
WIDTH, HEIGHT = 1360, 860
PATIENCE = 120

_ANSWERS = 'return [...document.querySelectorAll("#history li")].length'
_SHOWN = 'return document.querySelector("#stage canvas")?.dataset.view'


def main() -> int:
    """Take the picture."""
    parser = ArgumentParser(description='Take the picture of kosmos-ros watch.')
    parser.add_argument('picture', type=Path, help='where to save it')
    target: Path = parser.parse_args().picture
    with tempfile.TemporaryDirectory() as folder:
        system = running_system(Path(folder), SCENE)
        with system, _page() as address, _browser() as browser:
            _ask(browser, address)
            shot = Image.open(io.BytesIO(browser.get_screenshot_as_png())).convert('RGB')
    shot.save(target, optimize=True)
    print(f'{target}: {target.stat().st_size / 1000:.0f} kB')
    return 0


def _ask(browser: webdriver.Chrome, address: str) -> None:
    """Ask all questions, each after the answer to the one before."""
    browser.get(address)
    wait = WebDriverWait(browser, PATIENCE)
    wait.until(lambda _: 'Ready' in browser.find_element('id', 'state').text)
    wait.until(lambda _: browser.execute_script(_SHOWN) == 'live')
    for number, question in enumerate(QUESTIONS, start=1):
        field = browser.find_element('id', 'query')
        field.clear()
        field.send_keys(f'{question}\n')
        wait.until(_has_answers(number))
    wait.until(lambda _: browser.execute_script(_SHOWN) == 'answer')


def _has_answers(count: int) -> Callable[[webdriver.Chrome], bool]:
    return lambda browser: int(browser.execute_script(_ANSWERS)) >= count


@contextmanager
def _page() -> Iterator[str]:
    command = [sys.executable, '-m', 'kosmos_ros.cli', 'watch', '--port', '0']
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None  # noqa: S101 (opened above)
            match = re.search(r'http://\S+', process.stdout.readline())
            if match is None:
                raise SystemExit('kosmos-ros watch did not start')
            yield match[0]
        finally:
            process.terminate()


@contextmanager
def _browser() -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    for argument in (
        '--headless=new',
        '--no-sandbox',
        '--disable-gpu',
        '--hide-scrollbars',
        f'--window-size={WIDTH},{HEIGHT}',
    ):
        options.add_argument(argument)
    driver = webdriver.Chrome(
        options=options, service=webdriver.ChromeService(shutil.which('chromedriver'))
    )
    try:
        yield driver
    finally:
        driver.quit()


if __name__ == '__main__':
    sys.exit(main())
