# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Settings of the training, from the command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from training.model import VISION_LAYERS, WIDTH


@dataclass(frozen=True)
class Settings:
    """Settings of the training."""

    pool: Path
    out: Path
    scenes: int
    minutes: float
    images: int
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

    def plain(self) -> dict[str, object]:
        """Return the settings in types of JSON."""
        return {name: str(v) if isinstance(v, Path) else v for name, v in asdict(self).items()}


def parse_arguments(argv: Sequence[str] | None = None) -> Settings:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog='python -m training.train', description='Train the embedded model.'
    )
    parser.add_argument('--out', type=Path, default=Path('training_output'))
    parser.add_argument('--pool', type=Path, default=Path('training_output/pool'))
    parser.add_argument(
        '--scenes', type=int, default=40_000, help='size of the pool; 0 takes it as it is'
    )
    parser.add_argument('--minutes', type=float, default=150.0, help='wall clock at most')
    parser.add_argument('--images', type=int, default=300_000, help='images at most')
    parser.add_argument('--batch', type=int, default=8, help='images of a process and step')
    parser.add_argument('--world', type=int, default=2, help='processes')
    parser.add_argument('--validate-minutes', type=float, default=4.0)
    parser.add_argument('--helper-weight', type=float, default=3.0)
    parser.add_argument('--muon-rate', type=float, default=0.016)
    parser.add_argument('--adam-rate', type=float, default=1.2e-3)
    parser.add_argument('--width', type=int, default=WIDTH)
    parser.add_argument('--vision-layers', type=int, default=VISION_LAYERS)
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--resume', action='store_true', help='go on from the checkpoint in OUT')
    return Settings(**vars(parser.parse_args(argv)))
