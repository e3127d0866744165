# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A verification as lines for a terminal and as data for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import fill
from typing import Any

from kosmos_ros.core.texts import readable
from kosmos_ros.results.answers import number
from kosmos_ros.verification.asking import AskedAgain
from kosmos_ros.verification.comparing import ComparedAnswer
from kosmos_ros.verification.outcome import explanation, verdict, Verification

HEAD = ('asked', 'picture', 'tokens', 'text', 'entities', 'boxes', 'seconds', 'result')
_WIDTH = 100
_GIGA = 1e9


def cells(one: AskedAgain) -> tuple[str, ...]:
    """Return a row under ``HEAD``."""
    compared = one.compared
    return (
        asked(one),
        one.transcript.picture,
        str(compared.tokens),
        *map(_same, (compared.same_text, compared.same_entities, compared.same_boxes)),
        f'{one.seconds:.2f}',
        _result(compared),
    )


def asked(one: AskedAgain) -> str:
    """Return what was asked, in a few words."""
    phrase = one.transcript.locate
    return f'{one.transcript.name} {phrase!r}' if phrase else one.transcript.name


def lines(result: Verification) -> Iterator[str]:
    """Give the table and what follows from it, line by line."""
    rows = [cells(one) for one in result.answers]
    widths = [max(map(len, column)) for column in zip(HEAD, *rows, strict=True)]
    yield _row(HEAD, widths)
    yield '-' * (sum(widths) + 2 * (len(widths) - 1))
    for one, row in zip(result.answers, rows, strict=True):
        yield _row(row, widths)
        if one.compared.first is not None:
            yield f'    {readable(str(one.compared.first))}'
    yield ''
    yield from costs(result)
    yield ''
    yield fill(f'{result.name}: {verdict(result)}.', _WIDTH)
    yield fill(explanation(result), _WIDTH)


def costs(result: Verification) -> Iterator[str]:
    """Give speed and memory, and the machine that they are of."""
    times, machine, facts = result.times, result.machine, result.facts
    on = f'{facts.precision} on {facts.device}' if facts.device else 'unknown number format'
    yield f'{machine["cpu"]}, {machine["cores"]} cores, {result.when}; {on}'
    token = f'{1 / times.token:.1f} tokens/s' if times.token else 'not enough words to time'
    yield (
        f'loaded in {facts.load_seconds:.1f} s; first box in a picture '
        f'{times.first_box:.2f} s, later {times.later_box:.2f} s; writing {token}'
    )
    gpu = f', {result.gpu_bytes / _GIGA:.1f} GB on the GPU' if result.gpu_bytes else ''
    yield f'peak memory {result.peak_bytes / _GIGA:.1f} GB{gpu}'


def data(result: Verification) -> dict[str, Any]:
    """Return everything in types of JSON."""
    times = result.times
    return {
        'model': result.name,
        'kind': result.kind.value,
        'device': result.facts.device,
        'precision': result.facts.precision,
        'quantization': result.quantization,
        'verdict': verdict(result),
        'explanation': explanation(result),
        'as_published': result.as_published,
        'answers': [_entry(one) for one in result.answers],
        'seconds': {
            'load': number(result.facts.load_seconds),
            'first_box': number(times.first_box),
            'later_box': number(times.later_box),
            'token': number(times.token),
        },
        'peak_bytes': result.peak_bytes,
        'gpu_bytes': result.gpu_bytes,
        'when': result.when,
        'machine': dict(result.machine),
    }


def _entry(one: AskedAgain) -> dict[str, Any]:
    transcript, compared = one.transcript, one.compared
    first = compared.first
    return {
        'asked': transcript.name,
        'picture': transcript.picture,
        'weights_published': transcript.weights,
        'published': transcript.generated,
        'here': compared.here,
        'first_difference': None if first is None else vars(first),
        'same_text': compared.same_text,
        'same_entities': compared.same_entities,
        'same_boxes': compared.same_boxes,
        'as_published': compared.as_published,
        'seconds': number(one.seconds),
    }


def _result(compared: ComparedAnswer) -> str:
    if compared.first is not None:
        return f'differs at token {compared.first.token}'
    return 'as published' if compared.as_published else 'read otherwise'


def _same(same: bool) -> str:
    return 'same' if same else 'differs'


def _row(row: Sequence[str], widths: Sequence[int]) -> str:
    return '  '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
