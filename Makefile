# videowire's front door; `make help` lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# A file, an rtsp:// URL, or nothing for the built-in test camera.
SOURCE ?=
# More arguments for `videowire run`, e.g. ARGS=--json
ARGS ?=

# Of `make bench-events`: a folder with the real clips, and more arguments, e.g. BENCH_ARGS='--scenes 20 --silence 0'
MEDIA ?=
BENCH_ARGS ?=

# Of `make fuzz`.
FACTOR ?= 10
SEED ?= $(shell date +%s)

# Of `make fuzz-checkpoints`.
SECONDS := 600
PARSERS ?= safetensors torch index config

BUILD_PACKAGES := pkg-config libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev libgstrtspserver-1.0-dev \
	libavcodec-dev libavformat-dev libavutil-dev libswscale-dev libsqlite3-dev libsystemd-dev zlib1g-dev \
	gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly
# Only tests and benchmarks use these: they encode test videos and check the examples in docs/, pipelines/ and the units.
TEST_PACKAGES := ffmpeg fonts-dejavu-core gstreamer1.0-tools gstreamer1.0-x python3 python3-jsonschema python3-numpy systemd
# Only the Debian package and its test use these.
DEB_PACKAGES := debhelper
TEST_DEB_PACKAGES := debootstrap systemd-container lintian ffmpeg

# What is built and installed is told on standard error: `make run` has events on standard output.
SWIFT_BUILD := swift build -c release
# SwiftPM warns of -pthread in GStreamer's pkg-config file on every build; it is harmless.
QUIET := 2> >(grep -v 'prohibited flag(s): -pthread' >&2)

.PHONY: help deps build run deb test test-package fuzz fuzz-checkpoints bench bench-events bench-captions lint format clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 14

deps: ## install the Debian packages that are missing
	@bash .ci/deps $(BUILD_PACKAGES) $(TEST_PACKAGES) >&2

build: ## build the release binaries
	@bash .ci/deps $(BUILD_PACKAGES) >&2
	@$(SWIFT_BUILD) >&2 $(QUIET)

run: build ## tokens and captions of SOURCE=…, or of the built-in test camera
	@"$$($(SWIFT_BUILD) --show-bin-path)/videowire" run $(ARGS) $(if $(SOURCE),'$(SOURCE)')

deb: ## build the Debian package
	@bash .ci/deps $(BUILD_PACKAGES) $(DEB_PACKAGES) >&2
	@bash systemd/debian/build

test: deps ## run all tests
	@swift test -c release --disable-testable-imports --no-parallel $(QUIET)

test-package: ## install the package in a booted Debian 12 and test it there; needs root
	@bash .ci/deps $(BUILD_PACKAGES) $(DEB_PACKAGES) $(TEST_DEB_PACKAGES) >&2
	@bash Tests/Package/run

fuzz: deps ## run more mutated inputs: FACTOR=10 times as many, another SEED, some KINDS=media,log
	@FUZZ_FACTOR=$(FACTOR) FUZZ_SEED=$(SEED) $(if $(KINDS),FUZZ_KINDS=$(KINDS)) \
		swift test -c release --disable-testable-imports --no-parallel --filter MutationTests $(QUIET)

fuzz-checkpoints: ## run the parsers of checkpoints on damaged files under the address sanitizer, SECONDS=600 each
	@bash Tests/CheckpointFuzzer/run $(SECONDS) $(PARSERS)

bench: deps build ## print the benchmarks (docs/performance.md)
	@bash Tests/Benchmarks/run

bench-events: deps build ## score events from motion on rendered scenes (docs/motion-events.md); MEDIA=folder adds the real clips
	@PYTHONDONTWRITEBYTECODE=1 python3 Tests/Benchmarks/events/run.py "$$($(SWIFT_BUILD) --show-bin-path)/videowire" .build/bench-events \
		$(if $(MEDIA),--media '$(MEDIA)') $(BENCH_ARGS)

bench-captions: deps build ## what captions of the files in MEDIA=folder cost, with memory and without (docs/captions.md)
	@python3 Tests/Benchmarks/captions.py "$$($(SWIFT_BUILD) --show-bin-path)/videowire" '$(MEDIA)'/*.mp4 $(BENCH_ARGS)

lint: ## check formatting, imports and scripts
	@bash .ci/deps shellcheck >&2
	@swift format lint --strict --recursive Sources Tests Package.swift
	@bash Tests/Lint/imports
	@shellcheck .ci/run .ci/deps Tests/Lint/imports Tests/Benchmarks/run Tests/CheckpointFuzzer/run \
		Tests/Package/run Tests/Package/inside systemd/debian/build systemd/debian/videowire.prerm systemd/debian/videowire.postrm

format: ## format the Swift sources in place
	@swift format --in-place --recursive Sources Tests Package.swift

clean: ## remove what was built
	@swift package clean
