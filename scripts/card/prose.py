# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Sentences of the card that have figures in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
import json
import math
from pathlib import Path
from typing import Any

from kosmos_ros.datasets.levels import FAR
from kosmos_ros.evaluation.questions.cases import Kind
from scripts.card.curve import images_needed, PLOT_FILE, Point
from scripts.card.results import command_of, Data
from scripts.card.tables import SCORES
from scripts.card.targets import Target, TARGETS

_NOT_THERE = (Kind.ABSENT, Kind.UNKNOWN)
_MOST_TIMES = 30.0
"""From here on nothing but 'far more' is said: no line reaches that far."""


def how_measured(evaluation: Data, machine: Mapping[str, Any] | None) -> str:
    """Return which command measured a part, where and when."""
    groups = len(evaluation['groups'])
    scenes = evaluation['images'] // groups
    first = evaluation['settings'].get('seed', 0)
    each = f'{scenes} scenes of each level' if groups > 1 else f'{scenes} scenes'
    others = ' where the level names no other size' if FAR in evaluation['groups'] else ''
    return (
        f'`{command_of(evaluation)}`, {evaluation["date"][:10]}{_on(machine)}: '
        f'{evaluation["questions"]} questions about {each}, with the seeds {first} to '
        f'{first + scenes - 1}, rendered at 640x480 as the simulated camera does{others}.'
    )


def latency(times: Mapping[str, Any]) -> str:
    """Return the latency of answers."""
    machine = times['machine']
    return (
        f'A LOCATE of one phrase takes {1000 * times["locate"]:.0f} ms and a brief caption of '
        f'{times["objects"]} objects {1000 * times["describe"]:.0f} ms, image and everything '
        f'included: median of 15 on one core{_on(machine)}, {times["date"]}, at a load of '
        f'{machine["load_average"]:.1f}.'
    )


def threshold(figures: Mapping[str, Any]) -> str:
    """Return the shares that pass the default threshold of existence."""
    found = figures[Kind.UNIQUE.value]['accepted']['value']
    absent, unknown = (figures[kind.value]['refused']['value'] for kind in _NOT_THERE)
    return (
        f'At the threshold of 0.5, {found:.3f} of the single objects that are there are found, '
        f'{absent:.3f} of absent ones and {unknown:.3f} of unknown words refused.'
    )


def calibration(scalings: Mapping[str, Any], measured: Mapping[str, Any]) -> str:
    """Return the numbers of a calibration and where they come from."""
    fitted, judged = (
        '{} to {}'.format(*measured[f'{what}_on_seeds']) for what in ('fitted', 'judged')
    )
    numbers = '; '.join(
        f'{name}: {_scaling(scalings.get(key))}'
        for key, name in SCORES.items()
        if key in measured['figures']
    )
    return (
        f'`kosmos-ros calibrate --write`, {measured["date"]}: fitted on the scenes with the seeds '
        f'{fitted}, judged on {judged}. {numbers[0].upper()}{numbers[1:]}.'
    )


def _scaling(numbers: Mapping[str, float] | None) -> str:
    if numbers is None:
        return 'not calibrated'
    temperature, shift = numbers['temperature'], numbers['shift']
    if (temperature, shift) == (1.0, 0.0):
        return 'nothing to correct'
    return f'temperature {temperature:.2f}' + (f', shift {shift:+.2f}' if shift else '')


def model_size(folder: Path) -> str:
    """Return the size of the model."""
    config = json.loads((folder / 'config.json').read_text(encoding='utf-8'))
    vision, text = config['vision_config'], config['text_config']
    weights = folder / 'model.safetensors'
    size = weights.stat().st_size
    return (
        f'{_parameters(weights) / 1e6:.2f} million parameters, {size / 1e6:.1f} MB in float16. '
        f'Width {text["embed_dim"]}; vision tower of {vision["num_hidden_layers"]} layers on '
        f'{vision["patch_size"]}-pixel patches of a {vision["image_size"]}x{vision["image_size"]} '
        f'image; {config["latent_query_num"]} latents; text decoder of {text["layers"]} layers; '
        f'vocabulary of {text["vocab_size"]} tokens, 1024 of them locations.'
    )


def _parameters(weights: Path) -> int:
    """Count numbers by the header of a safetensors file: its length in 8 bytes, then JSON."""
    with weights.open('rb') as stream:
        head = json.loads(stream.read(int.from_bytes(stream.read(8), 'little')))
    tensors = (entry for name, entry in head.items() if name != '__metadata__')
    return sum(math.prod(tensor['shape']) for tensor in tensors)


def training_facts(training: Mapping[str, Any]) -> str:
    """Return how long and on how much the model was trained, and before that, if in two goes."""
    if 'before' in training:
        first, then = training['before'], {**training}
        del then['before']
        share = training.get('start_share', 0.0)
        mean = (
            f' The model is the mean of the weights before ({share:g}) and after ({1 - share:g}).'
            if share
            else ''
        )
        return (
            f'{training_facts(first)}\n\nThen, from these weights, on parts of large images too: '
            f'{training_facts(then)}{mean}'
        )
    settings, counters = training['settings'], training['counters']
    pool = training.get('pool_images')
    of_pool = (
        f', of a pool of {pool} (seeds from 1,000,000 on), each {counters["images"] / pool:.1f} '
        'times on average'
        if pool
        else ''
    )
    weight = settings['helper_weight']
    helpers = f'helper heads from a weight of {weight:g}' if weight else 'without helper heads'
    return (
        f'{counters["step"]} steps, {counters["images"]} images{of_pool}; '
        f'{counters["seconds"] / 3600:.2f} hours of wall clock in {settings["world"]} processes '
        f'of one thread. Seed {settings["seed"]}, {settings["batch"]} images a process and step '
        f'(twice as many in the last two fifths), highest rates {settings["muon_rate"]:g} (Muon) '
        f'and {settings["adam_rate"]:g} (AdamW), {helpers}.'
    )


def learning_curve(curve: Sequence[Point], standard: Data, hours: float, goes: int = 1) -> str:
    """
    Return the picture of the curve, and what it says about missed targets.

    :param goes: trainings that it is of; several schedules have no line that goes on.
    """
    last = curve[-1]
    text = [
        f'![Scores and errors over images and hours]({PLOT_FILE})',
        '',
        "Scores on images that are held back from training, with the right answer's beginning "
        'given and boxes read as cells. At the end: IoU at least 0.5 for '
        f'{last.acc50:.3f}, mean IoU {last.iou:.3f}, words {last.words:.3f}, '
        f'present accepted {last.present:.3f}, absent refused {last.absent:.3f}.',
    ]
    missed = [target for target in TARGETS if target.shortfall(target.read(standard).value) > 0]
    if goes > 1:
        text[-1] += ' The last rise is that of the second training, on harder images.'
    elif missed:
        text += [
            '',
            'What a longer training would have to be for the targets that were missed, if each '
            'error went on falling like the one of the curve that is nearest to it (lines through '
            'the last half and the last third of the curve, error against images, both '
            'logarithmic). Take it as an order of magnitude: the learning rate falls to a '
            'hundredth by the end, which itself lowers errors and then flattens the curve, so '
            'that the line is that of this schedule and not of more data alone.',
            '',
            *(f'- {line}' for line in _outlook(curve, missed, standard, hours)),
        ]
    return '\n'.join(text)


def _outlook(
    curve: Sequence[Point], missed: Sequence[Target], standard: Data, hours: float
) -> Iterator[str]:
    for target in missed:
        value = target.read(standard).value
        error, allowed = (
            (value, target.goal) if target.at_most else (1.0 - value, 1.0 - target.goal)
        )
        start = f'{target.words}: error {error:.3f}, {allowed:.3f} wanted'
        if not target.curve:
            yield f'{start}; the curve says nothing about it.'
            continue
        needed = images_needed(curve, target.curve, error / allowed)
        yield f'{start}; {_times(needed, hours)} (by `{target.curve}`).'


def _times(needed: tuple[float, float] | None, hours: float) -> str:
    if needed is None:
        return 'too few points of the curve to tell'
    low, high = needed
    if low > _MOST_TIMES:
        return f'more than {_MOST_TIMES:.0f} times the images: longer training alone will not do'
    if math.isinf(high) or high > _MOST_TIMES:
        return (
            f'{low:.1f} times the images ({low * hours:.1f} hours on such a machine) or far more: '
            'the curve was nearly flat in the end'
        )
    return (
        f'{low:.1f} to {high:.1f} times the images ({low * hours:.1f} to {high * hours:.1f} hours '
        'on such a machine)'
    )


def _on(machine: Mapping[str, Any] | None) -> str:
    if machine is None:
        return ''
    virtual = 'a virtual machine with ' if machine['virtual'] else ''
    return f' on {virtual}{machine["cores"]} cores of {machine["cpu"]}'
