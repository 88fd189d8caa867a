# clarion: `make demo` to see it, `make test` to check it. `make help` lists the rest.
SHELL := /bin/bash
SWIFT_FLAGS := --explicit-target-dependency-import-check error
CONFIG ?= debug
# Symbols are three quarters of a release program. `make release STRIP=` keeps them, for a profiler.
STRIP ?= -Xlinker -s
BINARY := .build/$(CONFIG)/clarion
export SWIFT_BACKTRACE := enable=no

.PHONY: help deps build release demo test lint format man locales sms pages planted-bugs fault limits bench tamper clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | column -t -s "$$(printf '\t')"

deps: ## install missing Debian packages (says which)
	@command -v swift >/dev/null || { echo "Swift 6.3 is needed: https://www.swift.org/install/linux/"; exit 1; }
	@missing=""; \
	command -v pkg-config >/dev/null || missing="$$missing pkg-config"; \
	[ -e /usr/include/curl/curl.h ] || ls /usr/include/*/curl/curl.h >/dev/null 2>&1 || missing="$$missing libcurl4-openssl-dev"; \
	[ -e /usr/include/sqlite3.h ] || missing="$$missing libsqlite3-dev"; \
	command -v python3 >/dev/null || missing="$$missing python3"; \
	if [ -n "$$missing" ]; then \
	  echo "Installing Debian packages:$$missing"; \
	  sudo=""; [ "$$(id -u)" = 0 ] || sudo="sudo"; \
	  $$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq $$missing >/dev/null; \
	fi

build: deps ## build the executable (about 5 minutes the first time)
	swift build -c $(CONFIG) --product clarion $(SWIFT_FLAGS) $(if $(filter release,$(CONFIG)),$(STRIP))

release: ## build with optimisation, without symbols
	$(MAKE) build CONFIG=release

demo: build ## start everything on loopback with sample events
	$(BINARY) demo

test: deps ## build and run the whole suite
	swift build --build-tests $(SWIFT_FLAGS)
	swift test --skip-build --no-parallel

lint: ## check the formatting
	swift format lint --strict --configuration .swift-format -r Sources Tests Package.swift

format: ## format the sources in place
	swift format format -i --configuration .swift-format -r Sources Tests Package.swift

man: build ## write the man pages anew
	$(BINARY) --experimental-dump-help | docs/make-man.py docs/man

locales: deps ## compare dates, zones, durations, lists, money and counts with ICU's own, 10,000 of each and language (needs PyICU: Debian's python3-icu)
	swift build --build-tests $(SWIFT_FLAGS)
	mkdir -p .build
	python3 Tests/Locales/cases.py --cases 60000 --seed $$RANDOM > .build/icu.tsv
	CLARION_ICU_CASES=$(CURDIR)/.build/icu.tsv swift test --skip-build --no-parallel --filter 'LocaleTests/asICU'

SMS := .build/sms-venv
sms: deps $(SMS) ## compare 100,000 random texts with two independent counters of SMS parts
	swift build --build-tests $(SWIFT_FLAGS)
	$(SMS)/bin/python Tests/Locales/sms.py --cases 100000 --seed $$RANDOM > .build/sms.tsv
	CLARION_SMS_CASES=$(CURDIR)/.build/sms.tsv swift test --skip-build --no-parallel --filter SMSCounterTests

$(SMS): Tests/Locales/requirements.txt
	python3 -m venv $@
	$@/bin/pip install --quiet --requirement $<
	touch $@

PAGES := .build/pages-venv
pages: build $(PAGES) ## open every page and mail in Chromium: WCAG 2.2 AA by axe, widths, dark, right to left (PAGES_CASES="--only mails")
	$(PAGES)/bin/python Tests/Pages/pages.py --binary $(BINARY) $(PAGES_CASES)

$(PAGES): Tests/Pages/requirements.txt
	@command -v chromium >/dev/null || [ -n "$$CHROMIUM" ] || { echo "Chromium is needed: apt-get install chromium, or CHROMIUM=/path/to/it"; exit 1; }
	python3 -m venv $@
	$@/bin/pip install --quiet --requirement $<
	touch $@

planted-bugs: deps ## prove that the fast tests can fail: each fault built in on purpose has to be found (about 20 minutes)
	mkdir -p .build
	python3 Tests/Planted/planted.py $(BUGS)

fault: build ## the long tier: kills, power cuts, faults of every sort, and figures (FAULT="--only kills --scale 10")
	swift build --product FaultBench $(SWIFT_FLAGS)
	python3 Tests/Faults/fault.py $(FAULT)

LIMITS := .build/limits
LIMIT_FLAGS := -std=gnu17 -O2 -Wall -Wextra -Werror -D_GNU_SOURCE
limits: $(addprefix $(LIMITS)/,sink feed limit-http limit-smtp limit-sqlite limit-work)

$(LIMITS):
	@for package in libnghttp2-dev libssl-dev openssl gcc libc6-dev; do \
	  dpkg -s $$package >/dev/null 2>&1 || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	  echo "Installing Debian packages:$$missing"; \
	  sudo=""; [ "$$(id -u)" = 0 ] || sudo="sudo"; \
	  $$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq $$missing >/dev/null; \
	fi
	mkdir -p $@

$(LIMITS)/sink: $(wildcard Tests/Limits/sink*.c) Tests/Limits/sink.h | $(LIMITS)
	$(CC) $(LIMIT_FLAGS) -o $@ $(filter %.c,$^) -lssl -lcrypto -lnghttp2
$(LIMITS)/feed: Tests/Limits/feed.c | $(LIMITS)
	$(CC) $(LIMIT_FLAGS) -o $@ $<
LIMIT_HEADERS := $(wildcard Tests/Limits/limit*.h)
$(LIMITS)/limit-sqlite: Tests/Limits/limit-sqlite.c $(LIMIT_HEADERS) | $(LIMITS)
	$(CC) $(LIMIT_FLAGS) -o $@ $< -lsqlite3
$(LIMITS)/limit-work: Tests/Limits/limit-work.c $(LIMIT_HEADERS) | $(LIMITS)
	$(CC) $(LIMIT_FLAGS) -pthread -o $@ $< -lcurl -lsqlite3 -lcrypto
$(LIMITS)/limit-%: Tests/Limits/limit-%.c $(LIMIT_HEADERS) | $(LIMITS)
	$(CC) $(LIMIT_FLAGS) -o $@ $< -lcurl

bench: ## measure against bare libcurl and SQLite (BENCH="--long": also a million pending and ten million rows)
	$(MAKE) release limits STRIP=
	swift build -c release --product BenchParts $(SWIFT_FLAGS)
	python3 Tests/Limits/bench.py $(BENCH)

tamper: ## 1,000 random edits of a log of a million rows and of its export: each has to be named, and nothing else (TAMPER="--rows 100000")
	$(MAKE) release
	swift build -c release --product BenchParts $(SWIFT_FLAGS)
	python3 Tests/Tamper/tamper.py $(TAMPER)

clean: ## remove what was built
	rm -rf .build
