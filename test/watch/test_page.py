# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The page in a real browser, headless Chromium.

Spans ``watch.page``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
import json
import time
from typing import Any

import pytest

# In the browser: the colour of the canvas at a point of the camera's image.
COLOR_AT = """
const [canvas, x, y] = arguments;
const scale = canvas.width / Number(canvas.dataset.imageWidth);
// A copy: a canvas that is read is drawn without the graphics card from then on.
const copy = document.createElement('canvas');
copy.width = copy.height = 1;
const context = copy.getContext('2d', {willReadFrequently: true});
context.drawImage(canvas, Math.round(x * scale), Math.round(y * scale), 1, 1, 0, 0, 1, 1);
return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
"""
BY = '\N{MULTIPLICATION SIGN}'
GREY = [128, 128, 128]
PATIENCE = 180.0


class Page:
    """The page as a person sees it."""

    def __init__(self, driver: Any, address: str) -> None:
        self.driver = driver
        driver.get(address)

    def find(self, selector: str) -> Any:
        """Return the first element of a CSS selector."""
        return self.driver.find_element('css selector', selector)

    def text(self, selector: str) -> str:
        """Return what an element shows; pages change while they are looked at."""
        script = 'return document.querySelector(arguments[0])?.innerText ?? ""'
        return str(self.driver.execute_script(script, selector))

    def wait(self, condition: Callable[[], object], what: str) -> None:
        """Wait until the page shows something."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f'{what} did not come: {self.text("body")}'
            time.sleep(0.05)

    def wait_for_view(self, view: str) -> None:
        """Wait until the canvas shows live images or an answer's."""
        self.wait(lambda: self.data('view') == view, f'the view {view}')

    def data(self, name: str) -> str:
        """Return what the canvas says that it shows."""
        script = "return document.querySelector('#stage canvas')?.dataset[arguments[0]] ?? ''"
        return str(self.driver.execute_script(script, name))

    def boxes(self) -> list[dict[str, Any]]:
        """Return the boxes that are drawn, in pixels of the camera's image."""
        return list(json.loads(self.data('boxes')))

    def canvases(self) -> list[tuple[str, str, int]]:
        """Return camera, view and number of answered boxes on each canvas."""
        script = """
        return [...document.querySelectorAll('#stage canvas')].map(({dataset}) =>
          [dataset.camera, dataset.view ?? '', JSON.parse(dataset.boxes ?? '[]').filter(
            ({kind}) => kind === 'answer').length]);
        """
        return [tuple(found) for found in self.driver.execute_script(script)]

    def color_at(self, x: float, y: float) -> list[int]:
        """Return the colour that is drawn at a point of the camera's image."""
        return list(self.driver.execute_script(COLOR_AT, self.find('#stage canvas'), x, y))

    def ask(self, query: str) -> None:
        """Type a query and press Enter."""
        field = self.find('#query')
        field.clear()
        field.send_keys(f'{query}\n')

    def ask_and_see(self, query: str) -> None:
        """Ask until an answer is seen on its image, which a busy machine may lose on its way."""
        self.ask(query)

        def is_seen() -> bool:
            if 'did not arrive' in self.text('#stage'):
                self.find('#view-live').click()
                self.ask(query)
            return self.data('view') == 'answer'

        self.wait(is_seen, 'the answer on its image')

    def choose(self, camera: str) -> None:
        """Choose a camera by its first letter, again if the choices are renewed meanwhile."""

        def is_chosen() -> bool:
            field = self.find('#camera')
            if field.get_property('value') != camera:
                field.send_keys(camera[0])
            return bool(field.get_property('value') == camera)

        self.wait(is_chosen, f'camera {camera}')

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Draw from one point of the camera's image to another with the mouse."""
        from selenium.webdriver import ActionChains  # noqa: PLC0415  skipped where it is missing

        canvas = self.find('#stage canvas')
        width, height = canvas.size['width'], canvas.size['height']
        at = [
            (round((x / 64 - 0.5) * width), round((y / 48 - 0.5) * height))
            for x, y in (start, end)
        ]
        self.driver.execute_script('arguments[0].scrollIntoView({block: "center"})', canvas)
        actions = ActionChains(self.driver)
        actions.move_to_element_with_offset(canvas, *at[0]).click_and_hold()
        actions.move_to_element_with_offset(canvas, *at[1]).release().perform()

    def fits(self) -> bool:
        """Tell whether nothing has to be scrolled sideways."""
        script = 'return document.documentElement.scrollWidth <= innerWidth'
        return bool(self.driver.execute_script(script))

    def complaints(self) -> list[str]:
        """Return what the browser's console says."""
        return [entry['message'] for entry in self.driver.get_log('browser')]


@pytest.fixture
def page(
    browser: Any,
    start_node: Callable[..., Any],
    start_camera: Callable[..., Any],
    start_watch: Callable[..., tuple[Any, str]],
) -> Iterator[Page]:
    """Open the page beside a node that answers about a grey wall; the console stays silent."""
    start_camera()
    start_node()
    page = Page(browser, start_watch()[1])
    page.wait(lambda: 'Ready' in page.text('#state'), 'the node')
    page.wait_for_view('live')
    yield page
    assert page.complaints() == []


def is_grey(color: list[int]) -> bool:
    """Tell whether a colour is the wall's, as far as JPEG keeps it."""
    return all(abs(channel - grey) <= 3 for channel, grey in zip(color, GREY, strict=True))


def test_live_images_a_question_and_its_history(page: Page) -> None:
    before = int(page.data('frames'))
    page.wait(lambda: int(page.data('frames')) > before + 3, 'more images')
    assert is_grey(page.color_at(16.5, 24))
    assert page.boxes() == []

    page.ask_and_see('the red cube')
    assert page.boxes() == [
        {'label': 'the red cube', 'kind': 'answer', 'x0': 16, 'y0': 12, 'x1': 32, 'y1': 36}
    ]
    for x, y in ((16, 24), (32, 24), (24, 36)):
        assert not is_grey(page.color_at(x, y))
    assert is_grey(page.color_at(24, 30))
    assert is_grey(page.color_at(50, 24))
    card = page.text('#answer')
    for part in ('FOUND', 'LOCATE', 'the red cube', '0.95', '0.90', f'16{BY}24 px at 16, 12'):
        assert part in card
    stamp = page.data('stamp')

    page.find('#view-live').click()
    page.wait_for_view('live')
    assert is_grey(page.color_at(16, 24))
    page.ask('the faint cube')
    page.wait(lambda: 'faint' in page.text('#answer'), 'the second answer')
    assert page.data('stamp') != stamp
    assert 'the red cube' in page.text('#history li:nth-child(2)')
    page.find('#history li:nth-child(2) button').click()
    page.wait(lambda: page.data('stamp') == stamp, 'the image of the first answer')
    assert [box['label'] for box in page.boxes()] == ['the red cube']
    assert 'the red cube' in page.text('#history [aria-current]')

    page.ask_and_see('the far cube')  # which the model is not sure of
    page.wait(lambda: 'looks\n2' in page.text('#answer dl'), 'the number of looks')
    look, found = page.boxes()
    assert (look['kind'], look['label'], found['label']) == ('look', '', 'the far cube')
    edge = look['x1']
    assert found['x1'] < edge < 64  # part of the image, with the cube in it
    assert not is_grey(page.color_at(edge, 24))
    page.find('#show-looks').click()
    page.wait(lambda: page.boxes() == [found], 'the picture without looks')
    assert is_grey(page.color_at(edge, 24))


def test_a_region_drawn_with_the_mouse_is_sent_in_pixels_of_the_image(page: Page) -> None:
    page.drag((48, 36), (8, 6))
    page.wait(lambda: 'px at' in page.text('#region'), 'the region')
    numbers = [
        int(page.find(f'#region-{side}').get_attribute('value'))
        for side in ('x', 'y', 'width', 'height')
    ]
    assert all(abs(got - drawn) <= 1 for got, drawn in zip(numbers, (8, 6, 40, 30), strict=True))
    assert not is_grey(page.color_at(4, 4))  # outside is dimmed
    page.ask_and_see('the red cube')
    x, y, width, height = numbers
    page.wait(
        lambda: f'{width}{BY}{height} px at {x}, {y}' in page.text('#answer dl'), 'its region'
    )
    page.find('#query').send_keys('\ue00c')  # Escape
    page.wait(lambda: page.text('#region') == 'whole image', 'no region')
    page.find('#query').send_keys('\ue00c')
    page.wait_for_view('live')


def test_hostile_text_is_shown_as_it_is_and_refusals_in_words(page: Page) -> None:
    query = '<img src=x onerror="document.title=\'hacked\'"><b>bold</b>'
    page.ask(query)
    page.wait(lambda: query in page.text('#answer .query'), 'the query')
    page.wait(lambda: query in page.text('#history'), 'the query in the history')
    assert page.driver.title == 'kosmos-ros watch'
    assert not page.driver.find_elements('css selector', '#answer img, #answer b, #history b')

    page.find('#task').send_keys('IDENTIFY')
    page.ask('')
    assert 'IDENTIFY needs a region' in page.text('#notice')
    page.find('#task').send_keys('LOCATE')
    page.ask('')
    page.wait(lambda: 'INVALID REQUEST' in page.text('#answer'), 'the refusal')


def test_everything_can_be_named_and_reached(
    browser: Any, start_watch: Callable[..., tuple[Any, str]]
) -> None:
    page = Page(browser, start_watch()[1])
    unnamed = """
    return [...document.querySelectorAll('input, select, button, summary')].filter((one) =>
      !(one.labels?.length || one.ariaLabel || one.innerText.trim())).map((one) => one.id);
    """
    assert page.driver.execute_script(unnamed) == []
    for width in (360, 1280):
        page.driver.set_window_size(width, 800)
        page.wait(page.fits, f'a fit to {width} px')


def test_all_cameras_are_shown_and_asked_together(
    browser: Any,
    start_node: Callable[..., Any],
    start_camera: Callable[..., Any],
    start_watch: Callable[..., tuple[Any, str]],
) -> None:
    names = ('front', 'wrist')
    for name in names:
        start_camera(f'/{name}/image_raw')
    start_node(cameras=f'[{",".join(names)}]')
    page = Page(browser, start_watch()[1])
    page.wait(lambda: 'Ready' in page.text('#state'), 'the node')
    page.wait_for_view('live')
    page.wait(lambda: page.canvases() == [('front', 'live', 0)], 'the first camera')
    page.choose('*')
    page.wait(lambda: page.canvases() == [(name, 'live', 0) for name in names], 'both cameras')
    page.ask('the red cube')
    page.wait(lambda: page.canvases() == [(name, 'answer', 1) for name in names], 'both answers')
    assert page.text('#answer').count('FOUND') == 2
    page.choose('wrist')
    page.wait(lambda: page.canvases() == [('wrist', 'live', 0)], 'the second camera')
    page.ask('the red cube')
    page.wait(lambda: page.canvases() == [('wrist', 'answer', 1)], 'its answer')
    assert page.complaints() == []


def test_the_node_goes_away_and_comes_back(
    browser: Any,
    start_node: Callable[..., Any],
    start_camera: Callable[..., Any],
    start_watch: Callable[..., tuple[Any, str]],
) -> None:
    page = Page(browser, start_watch()[1])
    page.wait(lambda: 'No grounding node answers at /grounding' in page.text('#state'), 'absence')
    assert 'ros2 launch kosmos_ros' in page.text('#statuses')
    page.ask('the red cube')
    page.wait(lambda: 'Nothing was asked' in page.text('#notice'), 'the refusal')
    node = start_node()
    page.wait(lambda: 'no image yet' in page.text('#state'), 'the silent camera')
    assert 'Waiting for images on /image' in page.text('#stage')
    camera = start_camera()
    page.wait(lambda: 'Ready' in page.text('#state'), 'the node')
    page.wait_for_view('live')
    camera.kill()
    page.wait(lambda: 'no new image for' in page.text('#stage'), 'the silence of the camera')
    assert node.interrupt() == 0
    page.wait(lambda: 'No grounding node answers' in page.text('#state'), 'absence')
    start_camera()
    start_node()
    page.wait(lambda: 'Ready' in page.text('#state'), 'the new node')
    page.ask_and_see('the red cube')
    assert page.complaints() == []


def test_a_page_comes_back_after_the_server(
    browser: Any, start_watch: Callable[..., tuple[Any, str]]
) -> None:
    process, address = start_watch()
    page = Page(browser, address)
    page.wait(lambda: 'No grounding node' in page.text('#state'), 'the first server')
    assert process.interrupt() == 0
    page.wait(lambda: 'is lost; trying again' in page.text('#state'), 'the loss')
    port = address.rstrip('/').rpartition(':')[2]
    start_watch('--port', port)
    page.wait(lambda: 'No grounding node' in page.text('#state'), 'the second server')
