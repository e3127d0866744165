# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A web page in one file: style and images are embedded, and nothing is loaded."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape
import io
from pathlib import Path

from PIL import Image

from kosmos_ros.core.images.images import check_image, RgbImage

_STYLE = Path(__file__).with_name('page.css')
_JPEG_QUALITY = 82
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def page(title: str, body: Iterable[str]) -> str:
    """Return a page of a title, plain text, and HTML, made of the parts below."""
    name, inner = escape(title), '\n'.join(body)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name}</title>
<style>{_STYLE.read_text(encoding='utf-8')}</style></head><body>
<h1>{name}</h1>
{inner}
</body></html>
"""


def tiles(entries: Iterable[tuple[str, str]]) -> str:
    """Return figures in large letters, each above its meaning; plain texts."""
    inner = ''.join(
        f'<div class="tile"><b>{escape(value)}</b><span>{escape(name)}</span></div>'
        for value, name in entries
    )
    return f'<div class="tiles">{inner}</div>'


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of plain texts, which scrolls by itself where it is too wide."""
    top = ''.join(f'<th>{escape(name)}</th>' for name in head)
    lines = ''.join(
        '<tr>' + ''.join(f'<td>{escape(cell)}</td>' for cell in row) + '</tr>' for row in rows
    )
    return (
        f'<div class="wide"><table><thead><tr>{top}</tr></thead>'
        f'<tbody>{lines}</tbody></table></div>'
    )


def details(summary: str, inner: str) -> str:
    """Return HTML that is shown on a click at its summary, plain text."""
    return f'<details><summary>{escape(summary)}</summary>{inner}</details>'


def plot(light: bytes, dark: bytes, alt: str) -> str:
    """Return a plot with one PNG for light pages and one for dark."""
    width, height = Image.open(io.BytesIO(light)).size
    return (
        '<picture>'
        f'<source media="(prefers-color-scheme: dark)" srcset="{_address(dark, "png")}">'
        f'<img src="{_address(light, "png")}" width="{width}" height="{height}" '
        f'alt="{escape(alt)}"></picture>'
    )


def photo(image: RgbImage, alt: str, most: int = 640) -> str:
    """Return an image, (H, W, 3) uint8 RGB, as a JPEG of at most so many pixels a side."""
    picture = Image.fromarray(check_image(image))
    picture.thumbnail((most, most), Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    picture.save(stream, 'JPEG', quality=_JPEG_QUALITY, optimize=True)
    return (
        f'<img src="{_address(stream.getvalue(), "jpeg")}" width="{picture.width}" '
        f'height="{picture.height}" alt="{escape(alt)}">'
    )


def _address(data: bytes, kind: str) -> str:
    return f'data:image/{kind};base64,{b64encode(data).decode()}'
