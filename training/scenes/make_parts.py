# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Makes a data set of "a factory's parts": ``python -m training.scenes.make_parts --to parts``.

Flanges, gaskets and bolts lie among the ordinary things of the simulated tabletop. The embedded
model has seen none of them, so the folder, in COCO's format, is an example to fine-tune on. The
parts are composed of the simulator's own meshes, stretched.
"""

from __future__ import annotations

import argparse
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import count
import json
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from kosmos_ros.core.geometry import box_to_pixels
from kosmos_ros.evaluation.scoring.metrics import around
from kosmos_ros.sim.rendering.frame import RenderedFrame, VisibleObject
from kosmos_ros.sim.rendering.renderer import TabletopRenderer
from kosmos_ros.sim.scenes.objects import SceneObject
from kosmos_ros.sim.scenes.placement import footprint
from kosmos_ros.sim.scenes.scene import sample_scene, Scene, SceneOptions
from kosmos_ros.sim.vocabulary import color_distance, Rgb

FIRST_SEED = 3_000_000
"""Of no scene that the embedded model was trained or is measured on."""

_METALS: tuple[Rgb, ...] = (
    (0.62, 0.64, 0.67),
    (0.36, 0.38, 0.42),
    (0.72, 0.58, 0.28),
    (0.85, 0.86, 0.88),
)
_MOST_PARTS = 3
_MIN_SHARE = 300 / (640 * 480)
_MIN_INSIDE = 0.85
_MIN_VISIBLE = 0.6


@dataclass(frozen=True)
class Piece:
    """A stretched mesh of a part; radius, height and the height it starts at, for radius 1."""

    mesh: str
    radius: float
    height: float
    start: float = 0.0


PARTS: Mapping[str, tuple[Piece, ...]] = {
    'flange': (Piece('cylinder', 1.0, 0.24), Piece('cylinder', 0.45, 0.55, 0.24)),
    'gasket': (Piece('ring', 1.0, 0.14),),
    'bolt': (Piece('cylinder', 0.55, 0.35), Piece('cylinder', 0.24, 1.5, 0.35)),
}
"""What there is, by the names of the categories."""

_MESH_SIZES = {'cylinder': (0.4, 1.1), 'ring': (0.56, 0.28)}
"""Radius and height of the meshes, in mesh units."""


def part_pieces(name: str, place: SceneObject, rgb: Rgb) -> tuple[SceneObject, ...]:
    """
    Return a part as objects of a scene.

    :param place: the object that it replaces, in place and about in width.
    """
    reach = footprint(place.vertices - [*place.center[:2], 0.0])
    radius = float(np.clip((reach + np.roll(reach, 18)).min() / 2, 0.028, 0.05))
    x, y = place.center[:2].tolist()
    return tuple(_piece(piece, place, rgb, radius, (x, y)) for piece in PARTS[name])


def _piece(
    piece: Piece, place: SceneObject, rgb: Rgb, radius: float, at: tuple[float, float]
) -> SceneObject:
    mesh_radius, mesh_height = _MESH_SIZES[piece.mesh]
    across = radius * piece.radius / mesh_radius
    return replace(
        place,
        shape=piece.mesh,
        rgb=rgb,
        lying=False,
        scale=(across, across, radius * piece.height / mesh_height),
        position=(*at, radius * piece.start),
        specular=0.5,
    )


def with_parts(scene: Scene, rng: np.random.Generator) -> tuple[Scene, list[str]]:
    """
    Put parts in the place of one to three objects.

    :returns: the scene, and of each of its objects the name of the part it belongs to with a
        number, such as ``bolt 2``; empty for ordinary ones.
    """
    wanted = min(len(scene.objects), int(rng.integers(1, _MOST_PARTS + 1)))
    replaced = set(rng.choice(len(scene.objects), size=wanted, replace=False).tolist())
    metals = sorted(
        _METALS, key=lambda rgb: color_distance(rgb, scene.surroundings.table.rgb), reverse=True
    )
    objects: list[SceneObject] = []
    owners: list[str] = []
    for number, thing in enumerate(scene.objects):
        pieces: tuple[SceneObject, ...] = (thing,)
        owner = ''
        if number in replaced:
            name = str(rng.choice(list(PARTS)))
            pieces = part_pieces(name, thing, metals[int(rng.integers(3))])
            owner = f'{name} {number}'
        objects += pieces
        owners += [owner] * len(pieces)
    return replace(scene, objects=tuple(objects)), owners


def annotations(frame: RenderedFrame, owners: Sequence[str]) -> list[dict[str, object]] | None:
    """
    Return the annotations of the parts in an image in COCO's format.

    :returns: None if a part is too hidden, cut off or small to be annotated fairly.
    """
    height, width = frame.rgb.shape[:2]
    entries: list[dict[str, object]] = []
    for owner in sorted(set(filter(None, owners))):
        seen = [thing for thing in frame.objects if owners[thing.index] == owner]
        if not seen or not _is_fair(seen):
            return None
        x0, y0, x1, y1 = box_to_pixels(around([thing.box for thing in seen]), width, height)
        box = [round(value, 1) for value in (x0, y0, x1 - x0, y1 - y0)]
        category = list(PARTS).index(owner.partition(' ')[0]) + 1
        entries.append(
            {'category_id': category, 'bbox': box, 'area': round(box[2] * box[3]), 'iscrowd': 0}
        )
    return entries


def _is_fair(pieces: Sequence[VisibleObject]) -> bool:
    share = sum(piece.image_share for piece in pieces)
    # The lower piece of a part is partly hidden by the upper one, so the best one counts.
    visible = max(piece.visible for piece in pieces)
    inside = min(piece.inside for piece in pieces)
    return share >= _MIN_SHARE and visible >= _MIN_VISIBLE and inside >= _MIN_INSIDE


def scenes_with_parts(
    first_seed: int,
) -> Generator[tuple[RenderedFrame, list[dict[str, object]]], None, None]:
    """
    Render scenes with the annotations of their parts, without end.

    :raises MissingDependencyError: if this machine cannot render.
    """
    options = SceneOptions(min_objects=2, max_objects=6, empty_probability=0.0)
    with TabletopRenderer() as renderer:
        for seed in count(first_seed):
            rng = np.random.default_rng((seed, 7))
            scene, owners = with_parts(sample_scene(seed, options), rng)
            frame = renderer.render(scene)
            found = annotations(frame, owners)
            if found is not None:
                yield frame, found


def write_parts(folder: Path, images: int, first_seed: int = FIRST_SEED) -> Path:
    """Write images and ``instances.json``."""
    (folder / 'images').mkdir(parents=True, exist_ok=True)
    photos: list[dict[str, object]] = []
    things: list[dict[str, object]] = []
    with closing(scenes_with_parts(first_seed)) as scenes:
        for number in tqdm(range(1, images + 1), unit='image'):
            frame, found = next(scenes)
            name = f'{number:04d}.png'
            Image.fromarray(frame.rgb).save(folder / 'images' / name)
            height, width = frame.rgb.shape[:2]
            photos.append({'id': number, 'file_name': name, 'width': width, 'height': height})
            things += [
                {'id': len(things) + place, 'image_id': number, **one}
                for place, one in enumerate(found, 1)
            ]
    categories = [{'id': number, 'name': name} for number, name in enumerate(PARTS, 1)]
    content = {'images': photos, 'annotations': things, 'categories': categories}
    (folder / 'instances.json').write_text(json.dumps(content, indent=1))
    return folder


def main(argv: Sequence[str] | None = None) -> None:
    """Read the command line and write the folder."""
    parser = argparse.ArgumentParser(
        prog='python -m training.scenes.make_parts',
        description='Make a folder of annotated images of parts that the embedded model does not '
        'know, to try fine-tuning with.',
    )
    parser.add_argument('--to', type=Path, default=Path('parts'), help='folder to write')
    parser.add_argument('--images', type=int, default=240)
    parser.add_argument('--seed', type=int, default=FIRST_SEED, help='of the first scene')
    arguments = parser.parse_args(argv)
    print(f'wrote {write_parts(arguments.to, arguments.images, arguments.seed)}')


if __name__ == '__main__':
    main()
