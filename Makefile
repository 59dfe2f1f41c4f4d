# `make try` shows it, `make test` proves it; both install what a fresh Debian lacks.
PREFIX = /usr/local
DESTDIR =
SYSCONFDIR = $(if $(filter /usr /usr/,$(PREFIX)),/etc,$(PREFIX)/etc)
SCRIPTS = Tests/Scripts
SWIFT_SOURCES = Sources Tests Package.swift
# Embedded Swift: minutes to compile, a quarter less time to start.
BUILD = SANDBOX_EMBEDDED=yes swift build -c release --product sandbox

SHARED = bash-completion/completions zsh/site-functions fish/vendor_completions.d \
	vim/vimfiles/syntax vim/vimfiles/ftdetect

.PHONY: all try test fuzz bench test-equivalence test-faults test-mutants test-profiles check format reference install uninstall deb clean

all:
	@$(SCRIPTS)/prepare build
	$(BUILD)

try:
	@$(SCRIPTS)/prepare build try
	$(BUILD)
	@$(SCRIPTS)/try

test:
	@$(SCRIPTS)/prepare build try test
	$(BUILD)
	@$(SCRIPTS)/test
	@$(SCRIPTS)/use-library
	@$(SCRIPTS)/use-package

# Each reader of bytes that strangers may write, so many seconds.
SECONDS = 600
fuzz:
	@$(SCRIPTS)/prepare build test
	$(SCRIPTS)/fuzz $(SECONDS)

# Every shipped keep list in use, large programs with windows too.
test-profiles:
	@$(SCRIPTS)/prepare build try test profiles
	$(BUILD)
	SANDBOX_PROFILES=all $(SCRIPTS)/test --filter "Real programs"

# Every profile of Debian's firejail-profiles, under sandbox and under Firejail; minutes, as root.
test-equivalence:
	@$(SCRIPTS)/prepare build try test
	$(BUILD)
	cc -O1 -static -o .build/view Tests/EnforcementTests/Fixtures/view.c
	$(SCRIPTS)/compare-firejail .build/release/sandbox .build/view

# Launch latency, cost of calls, what stays, beside the peers that are installed; five minutes.
bench:
	@$(SCRIPTS)/prepare build test
	$(BUILD)
	Tests/Benchmarks/run Tests/Benchmarks

# Each system call of the launcher fails once, in each way; twenty minutes.
test-faults:
	@$(SCRIPTS)/prepare build test
	$(BUILD)
	$(SCRIPTS)/inject-faults

# Does the suite notice a missing protection? An hour and a half.
test-mutants:
	@$(SCRIPTS)/prepare build try test
	$(SCRIPTS)/mutate

check:
	@$(SCRIPTS)/prepare build test
	swift format lint --strict -r -p $(SWIFT_SOURCES)
	$(SCRIPTS)/check-layers
	$(BUILD) --explicit-target-dependency-import-check error
	# As anybody builds it, without Embedded Swift.
	swift build --product sandbox
	.build/debug/sandbox --version
	groff -ww -man -Tutf8 -z man/sandbox.1
	groff -ww -man -Tutf8 -z man/sandbox-profile.5
	$(SCRIPTS)/check-binary .build/release/sandbox

format:
	swift format -i -r -p $(SWIFT_SOURCES)

reference:
	mkdir -p $(addprefix man/share/,$(SHARED))
	swift run ReferenceTool man man/share

# FIREJAIL_NAME=yes puts it in Firejail's place; APPARMOR=yes installs the profile for Ubuntu.
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(SYSCONFDIR)/sandbox
	install -d $(DESTDIR)$(PREFIX)/share/sandbox/profiles
	install -d $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/man/man5
	install -m 755 .build/release/sandbox $(DESTDIR)$(PREFIX)/bin/sandbox
	install -m 644 profiles/*.profile profiles/*.inc $(DESTDIR)$(PREFIX)/share/sandbox/profiles/
	install -m 644 man/sandbox.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	install -m 644 man/sandbox-profile.5 $(DESTDIR)$(PREFIX)/share/man/man5/
	cd man/share && for file in $$(find . -type f); do \
	  install -D -m 644 $$file $(DESTDIR)$(PREFIX)/share/$$file || exit 1; done
ifeq ($(FIREJAIL_NAME),yes)
	ln -sf sandbox $(DESTDIR)$(PREFIX)/bin/firejail
	ln -sf sandbox $(DESTDIR)$(PREFIX)/bin/firemon
endif
ifeq ($(APPARMOR),yes)
	install -d $(DESTDIR)/etc/apparmor.d
	sed 's|BINDIR|$(PREFIX)/bin|' Scripts/package/apparmor >$(DESTDIR)/etc/apparmor.d/sandbox
endif

uninstall:
	for name in firejail firemon; do \
	  [ "$$(readlink $(DESTDIR)$(PREFIX)/bin/$$name)" != sandbox ] || \
	    rm -f $(DESTDIR)$(PREFIX)/bin/$$name; done
	rm -f $(DESTDIR)$(PREFIX)/bin/sandbox
	rm -f $(DESTDIR)$(PREFIX)/share/man/man1/sandbox.1
	rm -f $(DESTDIR)$(PREFIX)/share/man/man5/sandbox-profile.5
	rm -rf $(DESTDIR)$(PREFIX)/share/sandbox
	cd man/share && for file in $$(find . -type f); do rm -f $(DESTDIR)$(PREFIX)/share/$$file; done

# A Debian package in .build, with what `make install` installs.
deb:
	Scripts/package/deb .build

clean:
	swift package clean
