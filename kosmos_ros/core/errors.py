# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Every error this package raises on purpose.

    KosmosError
    +-- InvalidRequestError   the caller asked for something that cannot be answered
    |   +-- InvalidImageError     the image itself is unusable (empty, malformed, too large)
    |   |   +-- UnsupportedImageError   all images of this kind are: no other will do better
    |   +-- InvalidRegionError    the region does not fit the image
    |   +-- InvalidCameraError    the camera's model is not calibrated or of an unknown kind
    |   +-- InvalidDataError      a file of a data set or bag is missing or of another format
    +-- GroundingStoppedError      the caller asked to stop while the model was running
    +-- ModelError            the model failed while answering
    |   +-- ModelLoadError        weights, tokenizer or processor cannot be loaded
    |   +-- ModelEndedError       the process that runs the model is gone
    +-- MissingDependencyError a package that this feature needs is not installed

The core raises them; the borders (service adapter, command line) translate them into a
``Status`` or an exit code. Messages say what was expected and what came.
"""


class KosmosError(Exception):
    """Base of the tree above."""


class InvalidRequestError(KosmosError, ValueError):
    """The request cannot be answered as asked."""


class InvalidImageError(InvalidRequestError):
    """The image is empty, malformed or too large."""


class UnsupportedImageError(InvalidImageError):
    """The image is of an encoding or format that is not read at all."""


class InvalidRegionError(InvalidRequestError):
    """The region of interest does not fit the image."""


class InvalidCameraError(InvalidRequestError):
    """The camera's model cannot be used."""


class InvalidDataError(InvalidRequestError):
    """A data set or bag is not what it should be."""


class GroundingStoppedError(KosmosError):
    """Work ended early because ``should_stop()`` returned true."""


class ModelError(KosmosError, RuntimeError):
    """The model failed while answering."""


class ModelLoadError(ModelError):
    """The checkpoint is missing, damaged or of another kind."""


class ModelEndedError(ModelError):
    """The process that runs the model ended, or was ended, and has to be started anew."""


class MissingDependencyError(KosmosError, ImportError):
    """An optional package is needed for this and is not installed."""
