# Everything a person does with this checkout: make run, make test, and what those two are made of.

PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift
RELEASE := .build/release
PLUGINS := $(notdir $(patsubst %/,%,$(wildcard Plugins/*/)))
SOURCES := Sources Plugins Tests Benchmarks plugin-template Package.swift

.PHONY: build host plugins run test soak fuzz endings reloads crash bench format lint headers abi templates install packages clean

# The three programs under .build/release and every plugin project under .build/plugins.
build: host plugins

# The host carries its Swift runtime, so that it runs on machines without a toolchain. What plugins
# live in has none, and therefore needs builds of its own.
host: packages
	$(SWIFT) build -c release --product berth-guest
	$(SWIFT) build -c release --product berth-check
	$(SWIFT) build -c release --product berth --static-swift-stdlib

# Each project is built by its own means, the way a team outside would build it.
plugins: packages
	@mkdir -p .build/plugins
	@for name in $(PLUGINS); do \
	    $(MAKE) --no-print-directory -C Plugins/$$name OUT="$(CURDIR)/.build/plugins/$$name.so" || exit 1; \
	done

# The demo: a host in a temporary home, the project's own plugins, real files, a table that redraws.
run: build
	@$(RELEASE)/berth demo --plugins .build/plugins --files Sources

# One test at a time: many of them are processes and wait for each other's, and a busy machine must not fail them.
test: packages plugins
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --no-parallel

# Attacks one host again and again and fuzzes what reads foreign bytes, for as long as you like: an hour makes each attack
# hundreds of times.
MINUTES ?= 10
soak: packages plugins
	$(SWIFT) build --build-tests
	BERTH_SOAK_MINUTES=$(MINUTES) $(SWIFT) test --skip-build --no-parallel --filter '[.]SoakTests|FuzzTests'
	SWIFTC=$(SWIFT)c sh Tests/Fuzzing/fuzz.sh $$(echo $(MINUTES) | awk '{ print int($$1 * 5) + 1 }')

# libFuzzer on both frame decoders and the reader of plugin files, where the toolchain has it: a third of the time for each.
fuzz: packages
	$(SWIFT) build --build-tests
	SWIFTC=$(SWIFT)c sh Tests/Fuzzing/fuzz.sh $$(echo $(MINUTES) | awk '{ print int($$1 * 20) + 1 }')

# Guests that come to every kind of bad end, so many of each: is anything left of them?
ENDINGS ?= 10000
endings: packages plugins
	$(SWIFT) build --build-tests
	BERTH_ENDINGS=$(ENDINGS) $(SWIFT) test --skip-build --no-parallel --filter CrashSoakTests

# A thousand reloads of a plugin under 6,000 runs a second: a release build, and half an hour. No pause may be longer than 50 ms.
reloads: packages plugins
	$(SWIFT) build -c release --build-tests -Xswiftc -enable-testing
	BERTH_RELOADS=1 $(SWIFT) test -c release -Xswiftc -enable-testing --skip-build --no-parallel --filter '[.]ReloadTests'

# Kills a host under load a thousand times. A failure prints its seed: make crash SEED=7 ROUNDS=100.
ROUNDS ?= 1000
crash: packages
	$(SWIFT) build --build-tests
	BERTH_CRASH_ROUNDS=$(ROUNDS) BERTH_CRASH_SEED=$(SEED) $(SWIFT) test --skip-build --no-parallel --filter CrashTests

# make bench BENCH="--only drain,enqueue" measures some of it.
BENCH ?=
bench: packages plugins host
	$(SWIFT) build -c release --product berth-bench --static-swift-stdlib
	@mkdir -p .build/bench-plugins && cp .build/plugins/chaos.so .build/plugins/checksum.so .build/bench-plugins/
	$(CC) -std=c11 -O2 -Wall -Wextra -Werror -shared -fPIC -fvisibility=hidden -ISources/CBerthPlugin/include \
	    -o .build/bench-plugins/bench.so Benchmarks/plugin/bench.c
	$(RELEASE)/berth-bench --guest $(RELEASE)/berth-guest --plugins .build/bench-plugins $(BENCH)

format:
	$(SWIFT) format --in-place --recursive --parallel $(SOURCES)

lint:
	$(SWIFT) format lint --strict --recursive --parallel $(SOURCES)

# The plugin header stands alone, as C and as C++, without a warning, and nothing in it has moved.
headers:
	@for check in "cc -x c -std=c11" "cc -x c -std=c99" "c++ -x c++ -std=c++17" "c++ -x c++ -std=c++11"; do \
	    echo '#include "berth_plugin.h"' | \
	        $$check -Wall -Wextra -pedantic -Werror -fsyntax-only -ISources/CBerthPlugin/include - || exit 1; \
	    echo "berth_plugin.h: $$check: clean"; \
	done
	@sh Tests/ABI/abi.sh check

# Lists what has been added to the plugin ABI; refuses everything else.
abi:
	@sh Tests/ABI/abi.sh update

# Embeds plugin-template/ in the program: after every change there.
templates:
	@plugin-template/embed >Sources/CPluginTemplate/templates.c.part
	@mv -f Sources/CPluginTemplate/templates.c.part Sources/CPluginTemplate/templates.c

install: host
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/libexec/berth $(DESTDIR)$(PREFIX)/include
	install -s -m 755 $(RELEASE)/berth $(DESTDIR)$(PREFIX)/bin/berth
	install -m 755 $(RELEASE)/berth-guest $(RELEASE)/berth-check $(DESTDIR)$(PREFIX)/libexec/berth/
	install -m 644 Sources/CBerthPlugin/include/berth_plugin.h $(DESTDIR)$(PREFIX)/include/berth_plugin.h

# What the build needs from the system. Installed where this account may, named where it may not.
NEEDED := $(shell test -e /usr/include/sqlite3.h || echo libsqlite3-dev) \
          $(shell echo '\#include <ffi.h>' | cc -E - >/dev/null 2>&1 || echo libffi-dev) \
          $(shell test -e /usr/include/zlib.h || echo zlib1g-dev) \
          $(shell echo '\#include <curl/curl.h>' | cc -E - >/dev/null 2>&1 || echo libcurl4-openssl-dev) \
          $(shell echo '\#include <openssl/ssl.h>' | cc -E - >/dev/null 2>&1 || echo libssl-dev) \
          $(shell command -v cc >/dev/null || echo gcc) $(shell command -v c++ >/dev/null || echo g++)

packages:
	@command -v $(SWIFT) >/dev/null || { echo "Swift 6.3 or newer is needed: https://www.swift.org/install"; exit 1; }
	@if [ -n "$(strip $(NEEDED))" ]; then \
	    if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	        apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy $(NEEDED); \
	    else \
	        echo "Missing packages: $(strip $(NEEDED)). Install them, on Debian: sudo apt-get install $(strip $(NEEDED))"; \
	        exit 1; \
	    fi; \
	fi

clean:
	rm -rf .build
	@for name in $(PLUGINS); do $(MAKE) --no-print-directory -C Plugins/$$name clean; done
