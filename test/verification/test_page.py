# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The page of a verification."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.verification.page import verification_page

from .conftest import one_word_else, PublishedBackend, Verify


class Addresses(HTMLParser):
    """Collects what a page loads, and where it links to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        """Take the addresses of a tag."""
        named = dict(attrs)
        self.loaded += [named[name] for name in ('src', 'srcset') if name in named]
        self.links += [named['href']] if 'href' in named else []


def test_a_page_loads_nothing_and_links_its_sources(verify_model: Verify, snow: RgbImage) -> None:
    result = verify_model(PublishedBackend(snow, written=one_word_else))
    html = verification_page(result, None)
    addresses = Addresses(html)
    assert len(addresses.loaded) == 11
    assert all(one.startswith('data:image/') for one in addresses.loaded)
    assert addresses.links == [result.sources[name].address for name in ('card', 'tests')]
    assert '1 of 11 answers differ' in html
    assert '10 of 11' in html
    assert 'A &lt;fast&gt; CPU' in html
    assert '&lt;grounding&gt; An image of' in html
    assert html.count('<dd class="good">the same</dd>') == 10


def test_the_authors_picture_is_shown_beside_ours(verify_model: Verify, snow: RgbImage) -> None:
    html = verification_page(verify_model(PublishedBackend(snow)), snow)
    assert len(Addresses(html).loaded) == 12
    assert 'own picture of the brief caption' in html
