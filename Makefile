# Thin on purpose: each target is the plain commands a person would type.
PYTHON ?= python3
SERVE  := .venv-service
DEV    := .venv-dev
UV     := $(DEV)/bin/uv pip compile --quiet --universal --python-version 3.11 --custom-compile-command 'make locks'
# torch stands in no lock: its build for the CPU, where pip is given one, is another file than the index's, so no hash
# fits both. pip takes it by the range of pyproject.toml, with the CUDA parts that it asks for.
CUDA   := cuda-bindings cuda-pathfinder cuda-toolkit triton nvidia-cublas nvidia-cuda-cupti nvidia-cuda-nvrtc \
          nvidia-cuda-runtime nvidia-cudnn-cu13 nvidia-cufft nvidia-cufile nvidia-curand nvidia-cusolver \
          nvidia-cusparse nvidia-cusparselt-cu13 nvidia-nccl-cu13 nvidia-nvjitlink nvidia-nvshmem-cu13 nvidia-nvtx

# What RDKit asks for and drawing SVG never imports, and what the client and the command alone need. Hence --no-deps
# where the locks of the service are installed.
UNREAD := pillow colorama httpcore2 httpx2 httpx2-jsfetch markdown-it-py mdurl pygments rich shellingham truststore typer

.PHONY: serve test lint types contracts page pytest attack coverage docs wheel bundle train published bench image sbom container-check openapi locks clean

serve: $(SERVE)/.done
	$(SERVE)/bin/python -m service

test: lint types contracts page pytest

lint: $(DEV)/.done
	$(DEV)/bin/ruff check .
	$(DEV)/bin/ruff format --check .
	$(DEV)/bin/vulture
	$(DEV)/bin/hadolint Dockerfile

types: $(DEV)/.done
	$(DEV)/bin/mypy

contracts: $(DEV)/.done
	$(DEV)/bin/lint-imports

# Types of the page's scripts; left out where there is no npm, unless everything is required.
page:
	@if command -v npm >/dev/null; then cd tests/page && npm ci --silent --no-audit --no-fund && npx tsc -p .; \
	elif [ "$$DRP_REQUIRE_DATA" = 1 ]; then echo "no npm: apt-get install npm" >&2; exit 1; \
	else echo "no npm here: the types of the page's scripts are not checked"; fi

# Three processes with one thread each, which wait a third of the time; a file to one of them, so that what its tests
# share is made once.
pytest: $(DEV)/.done
	OMP_NUM_THREADS=1 $(DEV)/bin/pytest -n 3 --dist loadfile $(PYTEST)

# Attacks on a running service, the long ones too; the quick ones are among the tests.
attack: $(DEV)/.done
	$(DEV)/bin/pytest tests/attacks -m ''

# The tests with the branches that they take, which costs two fifths more time.
coverage: PYTEST = --cov --cov-report=term
coverage: pytest

# The site for readers, notebooks executed, warnings as errors: build/docs/index.html.
docs: $(DEV)/.done
	OMP_NUM_THREADS=1 $(DEV)/bin/python -m sphinx --quiet --fail-on-warning --keep-going $(SPHINX) docs build/docs
	@echo 'open build/docs/index.html'

# The wheel in an empty environment: scripts/wheel_check.sh.
wheel: $(DEV)/.done
	$(DEV)/bin/hatchling build --target wheel --directory dist

# From published tables to the bundle, some hours of CPU; stopped, it goes on where it was:
#     make bundle RAW=FOLDER ANNOTATIONS=FOLDER
# and from a dataset: make train DATASET=data/gdsc BUNDLE=bundles/mine
DATASET ?= data/gdsc
RUNS    ?= runs
RESULTS ?= results/gdsc
BUNDLE  ?= bundles/gdsc
DRP     := $(DEV)/bin/drp
bundle: $(DEV)/.done
	test -d $(DATASET) || $(DRP) data import --source hgacl $(RAW) $(DATASET) --annotations $(ANNOTATIONS) --array --growth --concentrations --further-drugs
	$(MAKE) train

train: $(DEV)/.done
	$(DRP) train $(DATASET) $(RUNS)/kernel_stack --model kernel_stack
	$(DRP) train $(DATASET) $(RUNS)/hgacl
	$(DRP) train $(DATASET) $(RUNS)/dim2 --model dim2
	$(DRP) evaluate $(DATASET) $(RESULTS) --models kernel_stack,hgacl,dim2_offset --splits LPO,LCO,LDO,LCDO
	$(DRP) evaluate $(DATASET) $(RESULTS) --models stacks --splits LCO
	$(DRP) export $(RUNS)/kernel_stack $(BUNDLE) --results $(RESULTS) --also $(RUNS)/hgacl --also $(RUNS)/dim2

# HGACL-DRP as published and DiM2-DRP's network without the offset (at this project's sizes: the paper's cost minutes an
# epoch), for the lines and drugs of the dataset alone, as a bundle to serve beside the other:
#     DRP_FURTHER_BUNDLE=bundles/published make serve
PUBLISHED ?= bundles/published
published: $(DEV)/.done
	$(DRP) train $(DATASET) $(RUNS)/hgacl_paper --preset paper --set feature_components=2000
	$(DRP) train $(DATASET) $(RUNS)/dim2_network --model dim2 --set offset=false --set unseen_lines=0 \
	    --set unseen_drugs=0 --set dropout=0.2 --set monte_carlo=30 --set epochs=40 --set patience=8
	$(DRP) evaluate $(DATASET) $(RESULTS)_published --models hgacl_paper_feature_components_2000,dim2_alone \
	    --splits LPO --only 0,1
	$(DRP) export $(RUNS)/hgacl_paper $(PUBLISHED) --results $(RESULTS)_published --also $(RUNS)/dim2_network

# BENCH=--short compares some of the numbers with those of docs/explanation/performance.md, instead of writing them.
bench: $(DEV)/.done
	$(DEV)/bin/python -m benchmarks $(BENCH)

# Builds and questions the containers, with Docker or without: see docs/how-to/containers.md.
container-check:
	scripts/container_check.sh

# What is in each service image, as CycloneDX JSON: every package with its version and the hashes that pip checks.
SBOM = $(DEV)/bin/cyclonedx-py requirements --output-reproducible --of JSON
sbom: $(DEV)/.done $(SERVE)/.done
	mkdir -p build
	$(SBOM) locks/service.txt --output-file build/service-cpu.cdx.json
	$(SBOM) locks/service-gpu.txt --output-file build/service-gpu.cdx.json
	$(SERVE)/bin/python scripts/licences.py > build/service-cpu.licences.csv

# Every image carries its version and revision as OCI labels.
VERSION := $(shell sed -n 's/^VERSION = "\(.*\)"/\1/p' model/version.py)
image:
	docker build --target service-cpu --tag drug-response:cpu --tag drug-response:$(VERSION)-cpu \
	    --label org.opencontainers.image.revision=$$(git rev-parse HEAD) .

openapi: $(DEV)/.done
	$(DEV)/bin/python -m service.openapi > openapi.yaml.new
	mv openapi.yaml.new openapi.yaml

locks: $(DEV)/.done
	$(UV) $(addprefix --no-emit-package ,$(UNREAD)) --generate-hashes --extra service pyproject.toml --output-file locks/service.txt
	$(UV) $(addprefix --no-emit-package ,$(UNREAD) onnxruntime) --generate-hashes --extra api --group service-gpu --output-file locks/service-gpu.txt pyproject.toml
	$(UV) $(addprefix --no-emit-package ,torch $(CUDA)) --generate-hashes --extra dev pyproject.toml --output-file locks/dev.txt

clean:
	rm -rf $(SERVE) $(DEV) build/docs build/docs-parts docs/notebooks .mypy_cache .ruff_cache .pytest_cache .hypothesis

# pip is told to use wheels only: nothing is compiled on the user's machine.
$(SERVE)/.done: locks/service.txt
	$(PYTHON) -m venv $(SERVE)
	$(SERVE)/bin/pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes --no-deps -r locks/service.txt
	touch $@

$(DEV)/.done: locks/dev.txt pyproject.toml
	$(PYTHON) -m venv $(DEV)
	$(DEV)/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r locks/dev.txt
	$(DEV)/bin/pip install --quiet --disable-pip-version-check --no-build-isolation --editable '.[dev]'
	touch $@
