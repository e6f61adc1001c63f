# Sourced by ./daemon/quickstart and ./tests/run: installs the Debian packages that are missing, builds a preset. One clear line when
# something cannot be had. Expects `top` (the repository) and sets nothing else but functions.
# shellcheck shell=bash

say() { printf '%s\n' "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# names_of KIND...: package names of these kinds, in file order.
names_of() {
    local kinds=" $* " kind name rest
    while read -r kind name rest; do
        if [[ -n $kind && $kind != \#* && $kinds == *" $kind "* ]]; then printf '%s\n' "$name"; fi
    done <"$top/daemon/packages.txt"
}

missing_of() {
    local name
    for name in $(names_of "$@"); do
        [[ $(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null) == installed ]] || printf '%s\n' "$name"
    done
}

as_root() {
    if [[ $(id -u) -eq 0 ]]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        return 126
    fi
}

# Packages that are services (prometheus) must not start one on the user's machine just because its tests need the program.
install_quietly() {
    local log=$1 policy=/usr/sbin/policy-rc.d made=
    shift
    if [[ ! -e $policy ]] && printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null 2>&1; then
        as_root chmod 0755 "$policy" && made=1
    fi
    local code=0
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >"$log" 2>&1 </dev/null || code=$?
    [[ -z $made ]] || as_root rm -f "$policy"
    return "$code"
}

# install_packages KIND...: ends the script with one line when a package of kind build cannot be installed; returns 1 for kind test.
install_packages() {
    command -v dpkg-query >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1 ||
        die "needs Debian or a relative of it (no apt-get here); install what daemon/packages.txt lists by hand, then: cmake --preset release && cmake --build --preset release"
    local missing log
    mapfile -t missing < <(missing_of "$@")
    ((${#missing[@]})) || return 0
    if [[ $(id -u) -ne 0 ]] && ! command -v sudo >/dev/null 2>&1; then
        die "packages are missing and neither root nor sudo is at hand; as root: apt-get install ${missing[*]}"
    fi
    log=$(mktemp "${TMPDIR:-/tmp}/surged-packages.XXXXXX")
    say "installing ${#missing[@]} Debian packages: ${missing[*]}"
    # The lists may be old or absent: a first failure is answered by one update and a second try.
    if ! install_quietly "$log" "${missing[@]}"; then
        as_root apt-get update >"$log" 2>&1 </dev/null || true
        install_quietly "$log" "${missing[@]}" || true
    fi
    mapfile -t missing < <(missing_of "$@")
    if ((${#missing[@]})); then
        local why
        why=$(grep -m1 -E '^E: ' "$log" || tail -n 1 "$log")
        if [[ " $* " == *" build "* ]]; then die "cannot install ${missing[*]}: ${why#E: } (whole log: $log)"; fi
        say "not installed, their tests are skipped: ${missing[*]} (${why#E: })"
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
}

# build_preset PRESET [TARGET...]: configures and builds into build/PRESET; says how far it is when that takes long, and shows the log only
# when it fails. What ends this script ends the build: it has a process group of its own.
build_preset() {
    local preset=$1 log code=0 builder traps moments=0 done_of
    shift
    log=$(mktemp "${TMPDIR:-/tmp}/surged-build.XXXXXX")
    traps=$(trap -p INT TERM HUP)
    set -m
    (
        cd "$top" && cmake --preset "$preset" -DSURGED_FROM_SCRATCH=ON ${preset_options:-} &&
            cmake --build --preset "$preset" ${1:+--target "$@"}
    ) </dev/null >"$log" 2>&1 &
    builder=$!
    set +m
    trap 'kill -TERM -- "-$builder" 2>/dev/null; wait "$builder" 2>/dev/null; say "stopped while building the $preset preset"; exit 130' INT TERM HUP
    while kill -0 "$builder" 2>/dev/null; do
        sleep 0.2 &
        wait $!
        if ((++moments % 75 == 0)); then  # each fifteen seconds
            done_of=$(grep -oE '^\[[0-9]+/[0-9]+\]' "$log" | tail -n 1)
            say "  the $preset preset: ${done_of:-configuring}"
        fi
    done
    wait "$builder" || code=$?
    trap - INT TERM HUP
    eval "$traps"
    if ((code)); then
        grep -E -m 20 'error:|Error|FAILED|CMake Error' "$log" >&2 || tail -n 20 "$log" >&2
        die "the $preset build failed (whole log: $log)"
    fi
    rm -f "$log"
}
