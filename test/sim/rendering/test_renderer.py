# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Images, depth and segmentation against the geometry of the scene."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from kosmos_ros.sim.rendering.frame import is_nameable, RenderedFrame
from kosmos_ros.sim.rendering.renderer import TabletopRenderer
from kosmos_ros.sim.rendering.stage import RenderQuality
from kosmos_ros.sim.scenes.scene import sample_scene, Scene
from kosmos_ros.sim.vocabulary import nearest_color

Rendered = list[tuple[Scene, RenderedFrame]]


def _cloud_in_world(frame: RenderedFrame) -> np.ndarray:
    camera = frame.camera
    y, x = np.mgrid[0 : camera.height, 0 : camera.width] + 0.5
    rays = [(x - camera.cx) / camera.fx, (y - camera.cy) / camera.fy, np.ones_like(x)]
    optical = np.stack(rays, axis=-1) * frame.depth[..., None]
    return optical @ camera.rotation.T + camera.position


def test_a_frame_has_the_documented_types(rendered: Rendered) -> None:
    frame = rendered[0][1]

    assert (frame.rgb.shape, frame.rgb.dtype) == ((480, 640, 3), np.uint8)
    assert (frame.depth.shape, frame.depth.dtype) == ((480, 640), np.float32)
    assert (frame.segmentation.shape, frame.segmentation.dtype) == ((480, 640), np.int32)
    assert frame.rgb.flags.c_contiguous


def test_a_scene_looks_the_same_whatever_was_rendered_before(rendered: Rendered) -> None:
    with TabletopRenderer() as other:
        for seed in (31, 7, 20):
            frame = other.render(sample_scene(seed))
            expected = rendered[seed][1]
            np.testing.assert_array_equal(frame.rgb, expected.rgb)
            np.testing.assert_array_equal(frame.depth, expected.depth)
            assert frame.objects == expected.objects


def test_a_capture_is_the_image_and_depth_of_the_frame(
    renderer: TabletopRenderer, rendered: Rendered
) -> None:
    scene, frame = rendered[12]
    renderer.show(scene)

    rgb, depth = renderer.capture()

    np.testing.assert_array_equal(rgb, frame.rgb)
    np.testing.assert_allclose(depth, frame.depth, atol=1e-4)


def test_boxes_enclose_exactly_the_segmented_pixels(rendered: Rendered) -> None:
    for _, frame in rendered:
        for thing in frame.objects:
            rows, columns = np.nonzero(frame.segmentation == thing.index)
            box = thing.box
            assert thing.pixels == len(rows)
            assert box.x0 * 640 == pytest.approx(columns.min())
            assert box.x1 * 640 == pytest.approx(columns.max() + 1)
            assert box.y0 * 480 == pytest.approx(rows.min())
            assert box.y1 * 480 == pytest.approx(rows.max() + 1)


def test_every_segmented_object_is_listed(rendered: Rendered) -> None:
    for scene, frame in rendered:
        seen = set(np.unique(frame.segmentation).tolist()) - {-1}
        assert {thing.index for thing in frame.objects} == seen
        assert seen <= set(range(len(scene.objects)))


def test_boxes_agree_with_projected_meshes(rendered: Rendered) -> None:
    checked = 0
    for scene, frame in rendered:
        for thing in frame.objects:
            if thing.visible == 1.0 and thing.inside == 1.0:
                pixels = frame.camera.project(scene.objects[thing.index].vertices)
                expected = [*pixels.min(axis=0), *pixels.max(axis=0)]
                box = thing.box
                found = [box.x0 * 640, box.y0 * 480, box.x1 * 640, box.y1 * 480]
                # A tip is thinner than a pixel for its last one or two.
                np.testing.assert_allclose(found, expected, atol=3.0)
                checked += 1
    assert checked > 50


def test_depth_of_each_object_lies_on_its_mesh(rendered: Rendered) -> None:
    for scene, frame in rendered:
        cloud = _cloud_in_world(frame)
        for thing in frame.objects:
            points = cloud[frame.segmentation == thing.index]
            vertices = scene.objects[thing.index].vertices
            assert (points >= vertices.min(axis=0) - 0.002).all()
            assert (points <= vertices.max(axis=0) + 0.002).all()


def test_the_table_is_a_plane_at_zero(rendered: Rendered) -> None:
    for scene, frame in rendered[:20]:
        cloud = _cloud_in_world(frame)[frame.segmentation == -1]
        half_x, half_y = scene.surroundings.table_half_size
        on_table = (np.abs(cloud[:, :2]) < [half_x - 0.01, half_y - 0.01]).all(axis=1)
        height = cloud[on_table & (np.abs(cloud[:, 2]) < 0.05), 2]
        if not scene.clutter:
            np.testing.assert_allclose(height, 0.0, atol=2e-4)
        assert height.min() > -2e-4


def test_positions_are_object_centers_in_the_optical_frame(rendered: Rendered) -> None:
    for scene, frame in rendered:
        for thing in frame.objects:
            world = frame.camera.rotation @ thing.position + frame.camera.position
            np.testing.assert_allclose(world, scene.objects[thing.index].center, atol=1e-9)


def test_the_position_is_behind_the_visible_surface(rendered: Rendered) -> None:
    for _, frame in rendered:
        for thing in frame.objects:
            if thing.shape in ('ball', 'cube', 'box', 'cylinder') and is_nameable(thing):
                surface = np.median(frame.depth[frame.segmentation == thing.index])
                assert surface < thing.position[2] < surface + 0.15


def test_colors_can_be_read(rendered: Rendered) -> None:
    named = wrong = 0
    for _, frame in rendered:
        for thing in frame.objects:
            if is_nameable(thing):
                pixels = frame.rgb[frame.segmentation == thing.index]
                named += 1
                wrong += nearest_color(np.median(pixels, axis=0) / 255) != thing.color
    assert named > 100
    assert wrong <= 0.03 * named


def test_squashed_boxes_agree_with_the_full_view(
    squashed_renderer: TabletopRenderer, rendered: Rendered
) -> None:
    for scene, frame in rendered[:30]:
        squashed = {thing.index: thing for thing in squashed_renderer.render(scene).objects}
        for thing in frame.objects:
            if is_nameable(thing):
                small, full = squashed[thing.index].box, thing.box
                np.testing.assert_allclose(
                    [small.x0, small.y0, small.x1, small.y1],
                    [full.x0, full.y0, full.x1, full.y1],
                    atol=2 / 224,
                )


def test_smooth_edges_leave_segmentation_and_depth_exact(
    squashed_renderer: TabletopRenderer,
) -> None:
    quality = RenderQuality(shadow_size=512, samples=4)
    with TabletopRenderer(squash_to=224, quality=quality) as smooth:
        for seed in range(8):
            scene = sample_scene(seed)
            expected = squashed_renderer.render(scene)
            frame = smooth.render(scene)
            np.testing.assert_array_equal(frame.segmentation, expected.segmentation)
            np.testing.assert_allclose(frame.depth, expected.depth, atol=1e-4)
            assert (frame.rgb != expected.rgb).any()
        depth = smooth.capture()[1]
        np.testing.assert_array_equal(depth, frame.depth)


def test_another_thread_is_refused(renderer: TabletopRenderer) -> None:
    errors: list[Exception] = []

    def render_elsewhere() -> None:
        try:
            renderer.render(sample_scene(0))
        except RuntimeError as error:
            errors.append(error)

    thread = threading.Thread(target=render_elsewhere)
    thread.start()
    thread.join()

    assert 'only by the thread that made it' in str(errors[0])


def test_a_closed_renderer_is_refused() -> None:
    camera = TabletopRenderer(width=64, height=48)
    camera.close()
    camera.close()

    with pytest.raises(RuntimeError, match='closed'):
        camera.render(sample_scene(0))


def test_capturing_nothing_is_refused() -> None:
    with (
        TabletopRenderer(width=64, height=48) as camera,
        pytest.raises(RuntimeError, match='show a scene'),
    ):
        camera.capture()


@pytest.mark.parametrize(('width', 'height', 'side'), [(0, 480, None), (640, -1, None), (4, 3, 0)])
def test_sizes_that_are_not_positive_are_refused(width: int, height: int, side: int) -> None:
    with pytest.raises(ValueError, match='positive'):
        TabletopRenderer(width=width, height=height, squash_to=side)
