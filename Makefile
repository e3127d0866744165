# What a checkout can do. `make demo` and `make test` are all that is needed to begin.

# The Python to build on: 3.10 to 3.13, or the one of the ROS 2 that is sourced.
PYTHON ?= python3
# The model of `make verify`: a hub id that was downloaded, a folder, or the embedded one.
MODEL ?= tabletop
# Arguments for the program behind a target: make test ARGS='-k geometry'
ARGS ?=
# Processes that share the tests, which often wait: one more than a small machine has cores.
JOBS ?= 3

IN_ENV := scripts/in_env.sh

# A package index to look for torch in as well, such as PyTorch's own one for builds without
# CUDA, which are gigabytes smaller: https://download.pytorch.org/whl/cpu
export TORCH_INDEX_URL

.DEFAULT_GOAL := help
.PHONY: help env demo run test fuzz lint audit coverage format verify eval bench gpu-check train finetune \
  clean clean-env

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

env: ## prepare .venv: Python packages, ROS 2 unless it is sourced, the messages
	@command -v $(PYTHON) >/dev/null || { \
	  echo 'make env: $(PYTHON) is missing; on Debian and Ubuntu: sudo apt-get install python3'; \
	  exit 1; }
	@$(PYTHON) -m scripts.setup_env

demo: env ## ask a simulated camera in words, save pictures of the answers, and end
	@$(IN_ENV) python -m kosmos_ros.cli demo $(ARGS)

run: env ## the same processes, kept running for RViz, Foxglove and your own calls
	@$(IN_ENV) python -m kosmos_ros.cli demo --keep-running $(ARGS)

test: env lint ## check the sources, then run all tests
	@$(PYTHON) -m scripts.setup_env --for-tests
	@JOBS=$(JOBS) $(IN_ENV) python -m scripts.run_tests $(ARGS)

fuzz: env ## search for inputs that break what reads untrusted ones: ARGS='--runs 100000'
	@$(IN_ENV) pip install --quiet --disable-pip-version-check atheris -c constraints.txt || true
	@$(IN_ENV) python test/fuzz $(ARGS)

lint: env ## check style, types, spelling and which folder imports which
	@$(IN_ENV) ruff check
	@$(IN_ENV) ruff format --check
	@$(IN_ENV) mypy
	@$(IN_ENV) codespell
	@$(IN_ENV) lint-imports

audit: env ## look up the installed packages among known weaknesses (needs the network)
	@$(IN_ENV) pip install --quiet --disable-pip-version-check pip-audit -c constraints.txt
	@$(IN_ENV) pip-audit --skip-editable

coverage: env ## measure which lines of core and ros their own tests run
	@$(PYTHON) -m scripts.setup_env --for-tests
	@$(IN_ENV) coverage erase
	@$(IN_ENV) coverage run -m pytest -q -n $(JOBS) --dist loadfile test/core test/ros test/tracking $(ARGS)
	@$(IN_ENV) coverage combine -q
	@$(IN_ENV) coverage report --skip-covered --sort=cover

format: env ## lay out the sources and put imports in order
	@$(IN_ENV) ruff check --fix-only
	@$(IN_ENV) ruff format

verify: env ## prove that a downloaded model answers as published: MODEL=microsoft/kosmos-2-patch14-224
	@$(IN_ENV) python -m kosmos_ros.cli verify --model $(MODEL) $(ARGS)

eval: env ## measure the embedded model on scenes it was never trained on
	@$(IN_ENV) python -m kosmos_ros.cli eval $(ARGS)

bench: env ## measure what answers cost on this machine, about 25 min; let nothing else run
	@$(IN_ENV) python -m kosmos_ros.cli bench $(ARGS)

gpu-check: env ## check and measure on a GPU, below 8 min, unattended: gpu_check_output/
	@$(IN_ENV) python -m scripts.gpu_check $(ARGS)

train: env ## train the embedded model (takes hours)
	@$(IN_ENV) python -m training.train $(ARGS)

finetune: env ## teach a model the things of your own images: ARGS='--data FOLDER --to my_model'
	@$(IN_ENV) python -m training.finetune $(ARGS)

clean: ## remove what was built, and outputs of the programs
	rm -rf build install log dist *.egg-info demo_output eval_output calibrate_output \
	  bench_output gpu_check_output batch_output stress_output fuzz_output verify_output \
	  .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

clean-env: ## remove .venv, which takes minutes to make anew
	rm -rf .venv
