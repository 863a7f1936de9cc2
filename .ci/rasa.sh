#!/bin/sh
# Makes .venv-rasa: Rasa and its pinned packages (models/rasa/requirements.txt) in an environment of their own, since they
# need Python 3.10 and old versions. RASA_PYTHON=/path/to/python3.10 chooses the interpreter. Does nothing when it is up to date.
set -eu
cd "$(dirname "$0")/.."
venv=$PWD/.venv-rasa
pins=models/rasa/requirements.txt
unset PYTHONPATH PYTHONHOME PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV VIRTUAL_ENV
export PIP_USER=0 PYTHONNOUSERSITE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
export RASA_TELEMETRY_ENABLED=false TF_CPP_MIN_LOG_LEVEL=3

started=$(date +%s)
say() { printf 'rasa: %s (%s s)\n' "$*" $(($(date +%s) - started)) >&2; }
fail() { say "$*"; exit 1; }
wanted() { cat "$pins" .ci/rasa.sh | cksum; }
current() { [ "$(cat "$venv/.installed" 2>/dev/null)" = "$PWD $(wanted)" ] && [ -x "$venv/bin/python" ]; }
is() { "$1" -c "import sys; sys.exit(sys.version_info[:2] != (3, $2))" >/dev/null 2>&1; }

candidates() { # minor version: interpreters that may be it
    if [ -n "${RASA_PYTHON:-}" ]; then echo "$RASA_PYTHON"; return; fi
    command -v "python3.$1" || true
    ls -d "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3."$1".*/bin/python 2>/dev/null || true
    command -v uv >/dev/null 2>&1 && uv python find "3.$1" 2>/dev/null || true
}

find_python() {
    for minor in 10 11; do
        for path in $(candidates $minor); do
            if is "$path" $minor; then echo "$path"; return; fi
        done
        if [ $minor = 10 ] && [ -z "${RASA_PYTHON:-}" ] && command -v uv >/dev/null 2>&1 && uv python install -q 3.10 >/dev/null 2>&1; then
            uv python find 3.10
            return
        fi
    done
    found=$("${RASA_PYTHON:-python3}" --version 2>/dev/null) || found="none"
    fail "Rasa needs Python 3.10 or 3.11 (found: $found). Install one, or name it: make RASA_PYTHON=/path/to/python3.10 rasa"
}

make_venv() { # interpreter; Debian ships venv without ensurepip, then a pip beside the interpreter serves as well
    rm -rf "$venv"
    if "$1" -c 'import ensurepip, venv' 2>/dev/null; then
        "$1" -m venv "$venv"
    elif "$1" -c 'import venv' 2>/dev/null && "$1" -m pip --version >/dev/null 2>&1; then
        "$1" -m venv --without-pip "$venv"
        "$1" -m pip --python "$venv/bin/python" install -qq pip
    else
        fail "$1 can make no virtual environment. On Debian: apt-get install python3-venv; elsewhere install pip for it."
    fi
}

install() { # the list is complete, so nothing is resolved; it is known to work on 3.11, which Rasa's own metadata rules out
    "$venv/bin/python" -m pip install -qq --no-cache-dir setuptools==69.5.1 wheel==0.43.0 2>"$venv/pip.log" &&
        "$venv/bin/python" -m pip install -qq --no-cache-dir --no-deps --ignore-requires-python -r "$pins" 2>>"$venv/pip.log"
}

current && exit 0
if command -v flock >/dev/null 2>&1; then # two makes at once: the second waits, then finds the work done
    exec 9<.ci/rasa.sh
    flock 9
    current && exit 0
fi
python=$(find_python)
say "making .venv-rasa with $("$python" --version 2>&1)"
make_venv "$python"
say "installing Rasa and its packages, about 600 MB (two minutes or so the first time)"
install || { grep -v WARNING "$venv/pip.log" >&2 || true; fail "the installation failed; pip says why above. Mend that and run it again."; }
say "installed; trying it"
"$venv/bin/python" -m rasa --version >/dev/null 2>"$venv/pip.log" || { cat "$venv/pip.log" >&2; fail "Rasa does not start; it says why above"; }
echo "$PWD $(wanted)" >"$venv/.installed"
say "done"
