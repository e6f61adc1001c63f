#!/usr/bin/env bash
# The Debian package on a clean Debian: installed, upgraded over edited files, removed, purged; started without systemd, and under a real
# one; made into a container's image. lintian reads it first.
#
#   tests/live/package.sh [BUILD_DIR|PACKAGE.deb]        default build/deb; needs root and debootstrap
#
# Of a build folder the package is made first (cpack). Root file systems are made once in SURGED_PACKAGE_ROOT (no systemd) and SURGED_LIVE_ROOT
# (systemd; the one of systemd.sh), default: a temporary folder. Both are copied, never changed. Without systemd-nspawn, podman or lintian their
# parts are skipped, and it says so.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
passed=0
failed=0
say() { printf '%s\n' "package: $*"; }
claim() { # claim TEXT COMMAND...: counts, says, goes on
    local text=$1
    shift
    if "$@" >"$work/claim.log" 2>&1; then
        passed=$((passed + 1)) && say "ok    $text"
    else
        failed=$((failed + 1)) && say "FAIL  $text"
        tail -n 8 "$work/claim.log"
    fi
}
within() { # within SECONDS COMMAND...: polls
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do ((SECONDS < end)) || return 1; sleep 0.3; done
}
for tool in debootstrap dpkg-deb unshare ip; do
    command -v "$tool" >/dev/null || { say "skipped: $tool is not installed"; exit 77; }
done
((EUID == 0)) || { say "skipped: needs root"; exit 77; }
work=$(mktemp -d "${TMPDIR:-/var/tmp}/surged-package.XXXXXX")
daemon=
container=
cleanup() {
    [[ -z $daemon ]] || kill -KILL "$daemon" 2>/dev/null
    if [[ -n $container ]]; then
        kill -TERM "$container" 2>/dev/null
        within 20 bash -c "! kill -0 $container" || kill -KILL "$container"
    fi
    rm -rf --one-file-system "$work"
}
trap cleanup EXIT

source "$top/tests/live/package_parts.sh"

given=${1:-$top/build/deb}
if [[ -d $given ]]; then
    say "making the package"
    (cd "$given" && cpack --config CPackConfig.cmake -B "$work/made") >"$work/cpack.log" 2>&1 || { tail "$work/cpack.log"; exit 1; }
    given=$(ls "$work"/made/surged_*.deb)
fi
deb=$(realpath "$given") || exit 2
version=$(dpkg-deb -f "$deb" Version)
next_deb "$deb" "$work/next.deb"

look_at_package
plain_root
without_systemd
upgrade_and_removal
under_systemd
as_container
printf '%s passed, %s failed\n' "$passed" "$failed"
((failed == 0))
