# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Settings of the training, from the command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from training.model import VISION_LAYERS, WIDTH
from training.texts.language import Mix

_HELP = {
    'scenes': 'size of the pool; 0 takes it as it is',
    'minutes': 'wall clock at most',
    'images': 'images at most',
    'batch': 'images of a process and step',
    'world': 'processes',
    'resume': 'go on from the checkpoint in OUT',
    'absent_share': 'share of the absent phrases that are kept; 0: a model that always boxes',
    'phrase_loss': 'learn how likely the phrases to locate are, with and without an image',
    'vision_from': 'model folder whose vision tower is taken as it is; text alone is learned',
    'start_from': 'model folder whose weights are learned on from, which takes lower rates',
}


@dataclass(frozen=True)
class Settings:
    """Settings of the training."""

    out: Path = Path('training_output')
    pool: Path = Path('training_output/pool')
    scenes: int = 40_000
    minutes: float = 150.0
    images: int = 300_000
    batch: int = 8
    world: int = 2
    validate_minutes: float = 4.0
    helper_weight: float = 3.0
    muon_rate: float = 0.016
    adam_rate: float = 1.2e-3
    width: int = WIDTH
    vision_layers: int = VISION_LAYERS
    seed: int = 0
    resume: bool = False
    absent_share: float = 1.0
    phrase_loss: bool = False
    vision_from: str = ''
    start_from: str = ''

    @property
    def mix(self) -> Mix:
        """Return what is taught about an image."""
        return Mix(self.absent_share, self.phrase_loss)

    def plain(self) -> dict[str, object]:
        """Return the settings in types of JSON."""
        return {name: str(v) if isinstance(v, Path) else v for name, v in asdict(self).items()}


def parse_arguments(argv: Sequence[str] | None = None) -> Settings:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog='python -m training.train', description='Train the embedded model.'
    )
    for field in fields(Settings):
        is_flag = field.type == 'bool'
        parser.add_argument(
            f'--{field.name.replace("_", "-")}',
            default=field.default,
            help=_HELP.get(field.name),
            **{'action': 'store_true'} if is_flag else {'type': type(field.default)},
        )
    return Settings(**vars(parser.parse_args(argv)))
