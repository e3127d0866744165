# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""OpenVINO's recipe for KOSMOS-2, to be compared with; needs openvino and nncf."""
