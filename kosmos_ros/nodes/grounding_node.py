# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The grounding node: composed here of the parts in ``kosmos_ros.ros``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
import threading

from diagnostic_msgs.msg import DiagnosticStatus
from kosmos_ros_msgs.msg import Grounding as GroundingMessage
from rclpy.clock import Clock, ClockType, JumpThreshold, TimeJump
from rclpy.duration import Duration
from rclpy.exceptions import ParameterException

from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.core.errors import ModelLoadError
from kosmos_ros.core.model.backend import Backend
from kosmos_ros.core.types import GroundingRequest
from kosmos_ros.ending import end_process, run_program
from kosmos_ros.isolation.isolated_model import FACTORY, IsolatedModel
from kosmos_ros.nodes.process import (
    enter_ros,
    EXIT_BAD_PARAMETERS,
    leave_ros,
    refuse,
    spin_until,
)
from kosmos_ros.parameters.choices import ActionPolicy
from kosmos_ros.parameters.node_settings import NodeSettings
from kosmos_ros.ros.answering.question import ignore_partial, PartialListener, Question, Reply
from kosmos_ros.ros.endpoints.action import GroundAction
from kosmos_ros.ros.endpoints.diagnostics import Diagnostics, no_model_status
from kosmos_ros.ros.endpoints.publishers import Outputs
from kosmos_ros.ros.endpoints.services import GroundService, StandingQueryService
from kosmos_ros.ros.executor.bond import Bonding
from kosmos_ros.ros.executor.lasting_executor import LastingExecutor
from kosmos_ros.ros.executor.lifecycle import (
    ACTIVE,
    FINALIZED,
    INACTIVE,
    ManagedNode,
    UNCONFIGURED,
)
from kosmos_ros.ros.executor.logging import forward_logging, stop_forwarding
from kosmos_ros.ros.executor.process_memory import GrowthWatch, limit_memory, release_memory
from kosmos_ros.ros.parameters.declared import NodeParameters
from kosmos_ros.ros.pipeline import Pipeline
from kosmos_ros.ros.worker.model_source import InProcess, ModelSource

MakeBackend = Callable[[ModelSettings], Backend]

STOP_SECONDS = 0.5
"""How long the model gets to stop; what follows must fit into ``ending.SECONDS`` too."""


class GroundingNode(ManagedNode):
    """
    Answers questions about the newest images of cameras while it is active.

    Beside what every life-cycle node has, it serves, in every state:

    - ``~/ground`` (``kosmos_ros_msgs/srv/Ground``): one question about one image
    - ``~/ground_action`` (``kosmos_ros_msgs/action/Ground``): the same, with progress and cancel
    - ``~/set_standing_query`` (``kosmos_ros_msgs/srv/SetStandingQuery``): the same question about
      each new image
    - ``tf2_frames`` (``tf2_msgs/srv/FrameGraph``): of tf2, with a ``target_frame``, where
      ``tf2_ros`` is installed

    It publishes:

    - ``~/groundings`` (``kosmos_ros_msgs/msg/Grounding``): every answer
    - ``~/detections`` (``vision_msgs/msg/Detection2DArray``): the boxes of every answer
    - ``~/detections_3d`` (``vision_msgs/msg/Detection3DArray``): their positions in space
    - ``~/markers`` (``visualization_msgs/msg/MarkerArray``): the same for RViz
    - ``~/debug_image`` (``sensor_msgs/msg/Image``): the image with its boxes
    - ``~/tracks`` (``kosmos_ros_msgs/msg/Grounding``): answers carried to every new image
    - ``~/annotations`` (``foxglove_msgs/msg/ImageAnnotations``): boxes for Foxglove, of the first
      camera, where ``foxglove_msgs`` is installed
    - ``~/annotations/NAME`` (``foxglove_msgs/msg/ImageAnnotations``): of each other camera, where
      ``foxglove_msgs`` is installed
    - ``/diagnostics`` (``diagnostic_msgs/msg/DiagnosticArray``): state of model, cameras and
      requests
    - ``bond`` (``bond/msg/Status``): while active, where ``bondpy`` is installed

    It subscribes, while active, unless a camera's parameters name other topics:

    - ``image`` (``sensor_msgs/msg/Image``): the camera ``camera``
    - ``NAME/image_raw`` (``sensor_msgs/msg/Image``): each camera with another name
    - ``NAME/image_raw/compressed`` (``sensor_msgs/msg/CompressedImage``): with the transport
      ``compressed``; ``image/compressed`` of the camera ``camera``
    - ``NAME.depth_topic`` (``sensor_msgs/msg/Image``): depth, of cameras with that parameter
    - ``camera_info`` (``sensor_msgs/msg/CameraInfo``): of such cameras, beside their images
    - ``/tf`` (``tf2_msgs/msg/TFMessage``): with a ``target_frame``, where ``tf2_ros`` is
      installed
    - ``/tf_static`` (``tf2_msgs/msg/TFMessage``): so too, where ``tf2_ros`` is installed
    - ``bond`` (``bond/msg/Status``): while active, where ``bondpy`` is installed

    Its parameters, which ``docs/parameters.md`` explains:

    - life cycle: ``autostart``, ``bond``, ``memory_limit``, ``hang_timeout``
    - model: ``model``, ``device``, ``dtype``, ``quantization``, ``threads``,
      ``existence_signals``, ``max_cached_frames``, ``max_cached_looks``
    - images: ``cameras``, ``image_transport``, ``image_reliability``, ``image_conversion``,
      ``subscription``, ``lazy_seconds``, ``frame_history``, ``depth_tolerance``,
      ``target_frame``
    - each camera: ``NAME.image_topic``, ``NAME.transport``, ``NAME.reliability``,
      ``NAME.depth_topic``, ``NAME.info_topic``, ``NAME.rectified``, ``NAME.rotation``,
      ``NAME.depth_scale``, ``NAME.bits``
    - requests: ``queue_size``, ``busy_policy``, ``action_policy``, ``request_timeout``,
      ``max_image_age``
    - answers: ``existence_threshold``, ``raw_existence_threshold``, ``relations_by_boxes``,
      ``closer_look``, ``max_looks``, ``min_score``, ``max_detections``, ``max_phrases``,
      ``max_new_tokens``, ``debug_image``, ``debug_looks``, ``carry_boxes``
    - standing query: ``standing_enabled``, ``standing_task``, ``standing_query``,
      ``standing_region``, ``standing_rate_hz``, ``standing_camera``

    :param make_backend: loads the model into this process; None: it gets a process of its own.
    :param factory: what loads the model there, ``module:function``.
    :raises ValueError: if a parameter given at start is out of its range.
    :raises ParameterException: if it is of another type.
    """

    def __init__(self, make_backend: MakeBackend | None = None, factory: str = FACTORY) -> None:
        super().__init__('grounding')
        self._log_handler = forward_logging(self.get_logger())
        self._make_backend = make_backend
        self._pipeline: Pipeline | None = None
        self._factory = factory
        self._bonding = Bonding(self)
        self._node_parameters = NodeParameters(self, self._on_settings)
        self._outputs = Outputs(self, self.settings)
        self._tracks = self.create_publisher(GroundingMessage, '~/tracks', 10)
        self._service = GroundService(self, self._ask, self.failures)
        self._action = GroundAction(
            self,
            self._ask,
            lambda: ActionPolicy(self.settings().action_policy),
            self.failures,
        )
        StandingQueryService(self, self._set_standing, self.failures)
        self._diagnostics = Diagnostics(self, self._statuses)
        limit_memory(self.settings().memory_limit)
        self._growth = GrowthWatch()
        # On the steady clock: it also has to report when simulated time stands still.
        self._timer = self.create_timer(
            1.0,
            self.failures.guard(self._every_second),
            clock=Clock(clock_type=ClockType.STEADY_TIME),
        )
        self._jumps = self.get_clock().create_jump_callback(
            JumpThreshold(min_forward=None, min_backward=Duration(nanoseconds=-1)),
            post_callback=self.failures.guard(self._on_jump),
        )

    def settings(self) -> NodeSettings:
        """Return the values of the parameters at this moment."""
        return self._node_parameters.settings

    def configure(self) -> None:
        """
        Load the model.

        :raises ModelLoadError: if it cannot be loaded.
        """
        self._node_parameters.freeze()
        try:
            self._pipeline = Pipeline(
                self,
                self._source,
                self._node_parameters,
                self._outputs.publish,
                self._tracks,
                self.failures,
            )
            self._load(self._pipeline)
        except BaseException:
            self.clean_up()
            raise

    def interrupt(self) -> None:
        """Stop loading the model."""
        pipeline = self._pipeline
        if pipeline is not None:
            pipeline.interrupt()

    def activate(self) -> None:
        """Subscribe to the cameras and answer."""
        self._require_pipeline().activate()
        if self.settings().bond:
            self._bonding.bind()

    def deactivate(self) -> None:
        """Answer all waiting callers with CANCELLED and stop working."""
        self._bonding.release()
        if not self._require_pipeline().deactivate(STOP_SECONDS):
            self.get_logger().warning('the model does not stop; what it answers will be dropped')

    def clean_up(self) -> None:
        """Release the model and its memory."""
        if not self.stop(STOP_SECONDS):
            self.get_logger().warning('the model does not stop; its memory is not freed')
        self._pipeline = None
        self._node_parameters.thaw()
        release_memory()

    def stop(self, timeout: float) -> bool:
        """
        Stop the model, answer all waiting callers with CANCELLED and break the bond.

        :param timeout: seconds to wait for the model.
        :returns: whether it stopped completely.
        """
        self._bonding.release()
        pipeline = self._pipeline
        return pipeline is None or pipeline.close(timeout)

    def destroy_node(self) -> None:
        """Stop the model if it can be, and leave ROS."""
        self._timer.cancel()
        self.end_transitions()
        self.stop(timeout=0.0)
        self._action.destroy()
        stop_forwarding(self._log_handler)
        super().destroy_node()

    def _ask(
        self, question: Question, on_partial: PartialListener = ignore_partial
    ) -> Future[Reply]:
        pipeline = self._pipeline
        if pipeline is None or self.state in (UNCONFIGURED, INACTIVE, FINALIZED):
            raise self.not_ready()
        return pipeline.dispatcher.ask(question, on_partial)

    def _set_standing(self, request: GroundingRequest | None, rate_hz: float, camera: str) -> None:
        pipeline = self._pipeline
        if pipeline is None or self.state != ACTIVE:
            raise self.not_ready()
        pipeline.set_standing(request, rate_hz, camera)

    def _source(self, settings: ModelSettings) -> ModelSource:
        make = self._make_backend
        if make is None:
            return IsolatedModel(settings, self._factory)
        return InProcess(lambda: self._load_here(make, settings))

    def _load_here(self, make: MakeBackend, settings: ModelSettings) -> Backend:
        limit_memory(0)
        try:
            return make(settings)
        finally:
            limit_memory(self.settings().memory_limit)

    def _load(self, pipeline: Pipeline) -> None:
        # What ends the process has either seen the pipeline, or is seen here.
        if self.is_ending:
            raise ModelLoadError('the node is shutting down')
        pipeline.load()

    def _require_pipeline(self) -> Pipeline:
        if self._pipeline is None:
            raise self.not_ready()
        return self._pipeline

    def _every_second(self) -> None:
        pipeline = self._pipeline
        if pipeline is not None:
            pipeline.watch_model()
            if self.state == ACTIVE:
                pipeline.watch()
        self._service.client_watch.look()
        self._action.client_watch.look()
        self._diagnostics.publish()
        self._growth.look()

    def _statuses(self) -> list[DiagnosticStatus]:
        pipeline, state = self._pipeline, self.state
        if pipeline is not None:
            return pipeline.statuses(state)
        return [no_model_status(self.settings().model, state, self.transition_problem)]

    def _on_jump(self, jump: TimeJump) -> None:
        """Forget images from a future that a clock jump took back."""
        pipeline = self._pipeline
        if pipeline is not None:
            pipeline.clear()
        seconds = jump.delta.nanoseconds / 1e9
        self.get_logger().info(f'the clock was set by {seconds:.3f} s: images are forgotten')

    def _on_settings(self, before: NodeSettings, now: NodeSettings) -> None:
        pipeline = self._pipeline
        if pipeline is not None and now.standing() != before.standing():
            pipeline.set_standing(*now.standing())


def main(
    args: Sequence[str] | None = None,
    make_backend: MakeBackend | None = None,
    factory: str = FACTORY,
) -> int:
    """
    Run the node until SIGINT or SIGTERM.

    :param args: the command line, ``sys.argv`` by default.
    :param make_backend: see ``GroundingNode``.
    :param factory: see ``GroundingNode``.
    :returns: 2 for invalid parameters or arguments; otherwise the process ends here, with 0.
    """
    try:
        stop = enter_ros(args)
        node = GroundingNode(make_backend, factory)
    except (ParameterException, ValueError) as error:
        return refuse('grounding', error, EXIT_BAD_PARAMETERS)
    _run(node, stop)
    return end_process(0)


def _run(node: GroundingNode, stop: threading.Event) -> None:
    # Callbacks are short, and answers and transitions are made in threads of their own: a second
    # thread for callbacks would only delay them.
    executor = LastingExecutor(node.failures)
    executor.add_node(node)
    if node.settings().autostart:
        node.start_up()
    spin_once = node.failures.guard(executor.spin_once)
    spin_until(stop, spin_once)
    node.get_logger().info('shutting down')
    node.end_transitions()
    node.stop(STOP_SECONDS)
    # Each waiting call takes some turns: it is woken, it responds, and a goal's result is sent.
    for _ in range(4 * (node.settings().queue_size + 1)):
        spin_once(0.0)
    leave_ros(node, executor)


if __name__ == '__main__':
    run_program(main)
