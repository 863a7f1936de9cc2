#!/bin/sh
# Makes .venv: voicebot and its pinned packages, through pip alone. `.ci/setup.sh dev` adds what tests and lint need.
# PYTHON=/path/to/python chooses the interpreter. Does nothing when .venv is up to date; writes nothing outside the repository.
set -eu
cd "$(dirname "$0")/.."
kind=${1:-runtime}
venv=$PWD/.venv
unset PYTHONPATH PYTHONHOME PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV VIRTUAL_ENV
export PIP_USER=0 PYTHONNOUSERSITE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }
wanted() { cat pyproject.toml constraints.txt .ci/setup.sh | cksum; }
usable() { [ -x "$venv/bin/python" ] && new_enough "$venv/bin/python" && [ "$(cat "$venv/.made-at" 2>/dev/null)" = "$PWD" ]; }
current() { # the set asked for, or dev, which holds them all
    usable && [ -x "$venv/bin/voicebot" ] || return 1
    for stamp in "$venv/.installed-$kind" "$venv/.installed-dev"; do
        [ "$(cat "$stamp" 2>/dev/null)" = "$(wanted)" ] && return 0
    done
    return 1
}
new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    for name in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        path=$(command -v "$name" 2>/dev/null) || continue
        if new_enough "$path"; then echo "$path"; return; fi
    done
    found=$("${PYTHON:-python3}" --version 2>/dev/null) || found="none"
    fail "voicebot needs Python 3.11 or newer (found: $found). Install one, or name it: make PYTHON=/path/to/python3.12 ..."
}

make_venv() { # interpreter; Debian ships venv without ensurepip, then a pip beside the interpreter serves as well
    rm -rf "$venv"
    if "$1" -c 'import ensurepip, venv' 2>/dev/null; then
        "$1" -m venv "$venv"
    elif "$1" -c 'import venv' 2>/dev/null && "$1" -m pip --version >/dev/null 2>&1; then
        "$1" -m venv --without-pip "$venv"
        "$1" -m pip --python "$venv/bin/python" install -qq --cache-dir "$venv/cache" pip
    else
        fail "$1 can make no virtual environment. On Debian: apt-get install python3-venv; elsewhere install pip for it."
    fi
}

install() {
    pip() { "$venv/bin/python" -m pip --cache-dir "$venv/cache" "$@"; }
    extra=""
    [ "$kind" = dev ] && extra="[dev]"
    # silero-vad declares torch; only its ONNX file is wanted, so it comes without its dependencies.
    pip install -qq -c constraints.txt -e ".$extra" && pip install -qq -c constraints.txt --no-deps silero-vad
}

current && exit 0
if command -v flock >/dev/null 2>&1; then # two makes at once: the second waits, then finds the work done
    exec 9<.ci/setup.sh
    flock 9
    current && exit 0
fi
started=$(date +%s)
if ! usable; then # none yet, or one whose interpreter or place has changed
    python=$(find_python)
    say "making .venv with $python"
    make_venv "$python"
    echo "$PWD" >"$venv/.made-at"
fi
say "installing voicebot and its packages into .venv (a few minutes the first time)"
install || fail "the installation failed; pip says why above. Mend that and run it again."
rm -rf "$venv/cache"
wanted >"$venv/.installed-$kind"
say "done in $(($(date +%s) - started)) s"
