#!/usr/bin/env bash
# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
#
# Run a command in the environment that `make env` prepared:
#   scripts/in_env.sh python -m pytest test/core

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export PATH="$root/.venv/bin:$PATH"
if [ -f "$root/.venv/ros/local_setup.bash" ]; then
  # Built on an installed ROS, which the caller has sourced: add this checkout's messages.
  . "$root/.venv/ros/local_setup.bash"
fi
exec "$@"
