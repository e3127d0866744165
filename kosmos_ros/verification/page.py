# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The report of a verification as one web page, with the pictures of all answers."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
import json

from kosmos_ros.core.drawing.answer import draw_grounding
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.results import page as parts
from kosmos_ros.verification.asking import AskedAgain
from kosmos_ros.verification.outcome import explanation, verdict, Verification
from kosmos_ros.verification.report import asked, cells, costs, HEAD


def verification_page(result: Verification, annotated: RgbImage | None) -> str:
    """
    Return the page.

    :param annotated: the authors' own picture of an answer, (H, W, 3) uint8 RGB, to show beside
        those made here; None: they were not at hand.
    """
    colour = 'good' if result.all_as_published else 'bad'
    body = [
        f'<p class="{colour}"><b>{escape(verdict(result))}</b></p>',
        f'<p>{escape(explanation(result))}</p>',
        parts.tiles(_headlines(result)),
        f'<p class="faint">{"<br>".join(map(escape, costs(result)))}</p>',
        '<h2>Answers</h2>',
        parts.table(HEAD, map(cells, result.answers)),
        '<h2>Pictures</h2><p class="faint">Boxes as drawn by this package, finer than the cells '
        'that are compared; those that a prompt gave are not drawn.</p><div class="cases">',
        *map(_figure, result.answers),
        *([] if annotated is None else [_theirs(annotated)]),
        '</div><h2>Sources</h2><ul>',
        *_sources(result),
        '</ul>',
        parts.details(
            'machine', f'<pre>{escape(json.dumps(dict(result.machine), indent=2))}</pre>'
        ),
    ]
    return parts.page(f'{result.name} beside what was published', body)


def _headlines(result: Verification) -> Iterator[tuple[str, str]]:
    times = result.times
    yield f'{result.as_published} of {len(result.answers)}', 'answers as published'
    yield f'{result.facts.load_seconds:.1f} s', 'to load the model'
    yield f'{times.first_box:.2f} s', 'first box in a picture'
    yield f'{times.later_box:.2f} s', 'later box'
    if times.token:
        yield f'{1 / times.token:.1f}', 'tokens a second'
    yield f'{result.peak_bytes / 1e9:.1f} GB', 'peak memory'


def _figure(one: AskedAgain) -> str:
    compared = one.compared
    drawn = draw_grounding(one.image, one.grounding)
    lines = [('asked', one.transcript.prompt, ''), ('published', one.transcript.generated, 'good')]
    if compared.as_published:
        lines.append(('here', 'the same', 'good'))
    else:
        lines += [('here', compared.here, 'bad'), ('first', str(compared.first or 'none'), 'bad')]
    words = ''.join(
        f'<dt>{name}</dt><dd class="{style}">{escape(text)}</dd>' for name, text, style in lines
    )
    title = f'{asked(one)} ({one.transcript.picture})'
    return (
        f'<figure>{parts.photo(drawn, title)}<figcaption>{escape(title)}<dl>{words}</dl>'
        '</figcaption></figure>'
    )


def _theirs(annotated: RgbImage) -> str:
    title = "the authors' own picture of the brief caption"
    return (
        f'<figure>{parts.photo(annotated, title)}<figcaption>{escape(title)}</figcaption></figure>'
    )


def _sources(result: Verification) -> Iterator[str]:
    used = {one.transcript.source for one in result.answers}
    for name, source in result.sources.items():
        if name in used:
            yield f'<li><a href="{escape(source.address)}">{escape(source.title)}</a></li>'
