# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Figures of a model before and after, asked through the ``Grounder``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from kosmos_ros.backends.factory import make_backend
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.core.grounder import Grounder, GrounderSettings
from kosmos_ros.datasets.tabletop import TabletopSet
from kosmos_ros.evaluation.protocols import OwnProtocol
from kosmos_ros.evaluation.questions.items import Sample
from kosmos_ros.evaluation.runner import check_seeds, records
from kosmos_ros.evaluation.scoring.records import Record
from kosmos_ros.evaluation.scoring.tally import Tally
from training.finetuning.settings import Settings

_WORSE = 0.02
"""A figure that falls by more than this is reported as a loss."""

_SETTINGS = GrounderSettings(raw_existence_threshold=GrounderSettings().existence_threshold)
"""One threshold before and after: models are compared, not that the new one is not calibrated."""

Figures = Mapping[str, tuple[float, int]]
"""By 'kind: figure', the value (0..1) and out of how many answers."""


class Measured(NamedTuple):
    """Figures on the user's images, and on simulated scenes (empty: not measured)."""

    photos: Figures
    scenes: Figures


def measure(
    model: str,
    samples: Sequence[Sample],
    settings: Settings,
    on_answer: Callable[[Record], object] = lambda _: None,
) -> Measured:
    """
    Ask a model about held-out images, and about simulated scenes.

    :raises KosmosError: if the model or an image fails.
    """
    chosen = ModelSettings(model=model, device=settings.device, threads=settings.threads)
    asker = OwnProtocol(Grounder(make_backend(chosen), _SETTINGS))
    photos, scenes = Tally(), Tally()
    for record in records(asker, samples[: settings.measure]):
        photos.add(record.case, record.answer)
        on_answer(record)
    if settings.check_scenes:
        with TabletopSet(check_seeds(0, settings.check_scenes)) as data:
            for record in records(asker, data):
                scenes.add(record.case, record.answer)
                on_answer(record)
    return Measured(figures(photos), figures(scenes))


def figures(tally: Tally) -> Figures:
    """Return the figures of all kinds of questions."""
    return {
        f'{kind.value}: {name}': (figure.value, round(figure.count))
        for kind, parts in tally.figures.items()
        for name, figure in parts.items()
        if figure.count
    }


def comparison(before: Figures, after: Figures) -> Iterator[str]:
    """Return the figures side by side as lines."""
    width = max(map(len, [*before, 'figure']))
    yield f'{"figure":{width}}  answers  before   after  change'
    for name, (value, count) in before.items():
        now, _ = after.get(name, (float('nan'), 0))
        yield f'{name:{width}}  {count:7}  {value:6.3f}  {now:6.3f}  {now - value:+.3f}'


def losses(before: Figures, after: Figures) -> list[str]:
    """Return the names of the figures that became worse."""
    return [
        name
        for name, (value, _) in before.items()
        if after.get(name, (value, 0))[0] < value - _WORSE
    ]


def plain(measured: Measured) -> dict[str, dict[str, list[float]]]:
    """Return figures in types of JSON."""
    return {
        part: {name: [round(value, 4), count] for name, (value, count) in found.items()}
        for part, found in measured._asdict().items()
    }


def from_plain(content: Mapping[str, Mapping[str, Sequence[float]]]) -> Measured:
    """Return the figures that ``plain`` made ``content`` of."""
    return Measured(
        **{
            part: {name: (value, int(count)) for name, (value, count) in found.items()}
            for part, found in content.items()
        }
    )
