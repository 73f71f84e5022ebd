#!/usr/bin/env bash
# Makes sure that the programs the tests drive are there: Chromium, fonts that hold Chinese, Dovecot, and what a house of
# several machines is made of (PostgreSQL 15, Redis, nginx, network namespaces).
#
#   tools/system-packages.sh chromium dovecot machines
#
# As root on Debian or Ubuntu they come by apt. Otherwise Chromium comes from Playwright, and the mail tests do with
# pymap, an IMAP server from PyPI that they use beside Dovecot anyway. Nothing is skipped silently: what cannot be
# had is one clear line, and without a Chromium exit status 1.
set -euo pipefail

readonly VENV="${VENV:-.venv}"

have() { command -v "$1" >/dev/null 2>&1; }

as_root_with_apt() { [ "$(id -u)" = 0 ] && have apt-get; }

# Debian starts a service as soon as its package is installed. The tests start their own, so we forbid it for
# the time of the install, unless the machine has a policy of its own.
apt_install() {
    local policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    fi
    echo "Installing $* …"
    local log
    log="$(mktemp)"
    if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } >"$log" 2>&1 </dev/null; then
        tail -n 20 "$log" >&2
        echo "apt could not install: $*" >&2
        return 1
    fi
    rm -f "$log"
}

playwright_chromium() {
    "$VENV/bin/python" - <<'PY'
import pathlib
import sys

from playwright.sync_api import sync_playwright

with sync_playwright() as playwright:
    sys.exit(not pathlib.Path(playwright.chromium.executable_path).exists())
PY
}

ensure_chromium() {
    local missing=()
    [ -x /usr/bin/chromium ] || missing+=(chromium)
    { have fc-list && [ -n "$(fc-list :lang=zh)" ]; } || missing+=(fontconfig fonts-noto-cjk)
    [ ${#missing[@]} -eq 0 ] && return 0
    if as_root_with_apt; then
        apt_install "${missing[@]}"
    elif [ ! -x /usr/bin/chromium ] && ! playwright_chromium && ! "$VENV/bin/playwright" install chromium; then
        echo "No Chromium: install it (Debian: apt install chromium fonts-noto-cjk) and run this again." >&2
        return 1
    fi
}

ensure_dovecot() {
    { have dovecot || [ -x /usr/sbin/dovecot ]; } && [ -x /usr/lib/dovecot/imap ] && return 0
    if as_root_with_apt; then
        apt_install dovecot-imapd
    else
        echo "No Dovecot: the mail tests use the IMAP server from PyPI alone (Debian: apt install dovecot-imapd)."
    fi
}

# Only root may make network namespaces, so nobody else needs these.
ensure_machines() {
    local missing=()
    [ -x /usr/lib/postgresql/15/bin/postgres ] || missing+=(postgresql-15)
    have redis-server || missing+=(redis-server)
    { have nginx || [ -x /usr/sbin/nginx ]; } || missing+=(nginx-light)
    { have ip || [ -x /usr/sbin/ip ]; } || missing+=(iproute2)
    [ ${#missing[@]} -eq 0 ] && return 0
    if as_root_with_apt; then
        apt_install "${missing[@]}"
    else
        echo "No ${missing[*]}: the tests of several machines are skipped (they need root on Debian)."
    fi
}

for program in "$@"; do
    case "$program" in
        chromium) ensure_chromium ;;
        dovecot) ensure_dovecot ;;
        machines) ensure_machines ;;
        *)
            echo "Unknown program: $program (chromium, dovecot, machines)" >&2
            exit 2
            ;;
    esac
done
