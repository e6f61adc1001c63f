#!/usr/bin/env bash
# Boots a real systemd with the installed files and watches surged live under it: start, readiness, reload, kill -9, a hung loop, a
# pair of which one stands by, stop; and its feeders as services (systemd_feeders.sh).
#
#   tests/live/systemd.sh [BUILD_DIR]        default build/dev; needs root, debootstrap and systemd-nspawn
#
# The root file system is made once in SURGED_LIVE_ROOT (default: a temporary folder, removed at the end).
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${1:-$top/build/dev}" && pwd) || exit 2
passed=0
failed=0
say() { printf '%s\n' "systemd: $*"; }
claim() { # claim TEXT COMMAND...: counts, says, goes on
    local text=$1
    shift
    if "$@" >/dev/null 2>&1; then passed=$((passed + 1)) && say "ok    $text"; else failed=$((failed + 1)) && say "FAIL  $text"; fi
}
within() { # within SECONDS COMMAND...: polls
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do ((SECONDS < end)) || return 1; sleep 0.3; done
}
for tool in debootstrap systemd-nspawn nsenter; do
    command -v "$tool" >/dev/null || { say "skipped: $tool is not installed"; exit 77; }
done
((EUID == 0)) || { say "skipped: needs root"; exit 77; }

work=$(mktemp -d "${TMPDIR:-/var/tmp}/surged-systemd.XXXXXX")
root=${SURGED_LIVE_ROOT:-$work/root}
container=
cleanup() {
    if [[ -n $container ]]; then
        kill -TERM "$container" 2>/dev/null
        within 20 bash -c "! kill -0 $container" || kill -KILL "$container"
    fi
    rm -rf --one-file-system "$work"
}
trap cleanup EXIT

# What the programs load beside what systemd brings; found by asking the linker, so that the list cannot grow stale.
packages() {
    local library file
    ldd "$build/bin/surged" "$build/bin/surgectl" | awk '$2 == "=>" {print $3}' | sort -u | while read -r library; do
        for file in "$library" "$(readlink -f "$library")" "/usr$library" "/usr$(readlink -f "$library")"; do
            dpkg -S "$file" 2>/dev/null && break
        done
    done | sed 's/:.*//' | sort -u | paste -sd,
}
if [[ ! -x $root/usr/lib/systemd/systemd ]]; then
    say "making a bookworm root (a few minutes)"
    debootstrap --variant=minbase --include="systemd,dbus,tzdata,procps,$(packages)" bookworm "$root" >"$work/debootstrap.log" 2>&1 ||
        { tail -n 5 "$work/debootstrap.log"; say "skipped: no root file system could be made"; exit 77; }
fi
rm -rf "$root"/{var/lib/surged,var/lib/surged-feed,etc/surged,etc/systemd/system/surged-feed@pbx.service.d,srv/exports}
DESTDIR=$root cmake --install "$build" >"$work/install.log" 2>&1 || { tail "$work/install.log"; exit 1; }
# Ports of its own: the container shares the host's loopback.
sed -i 's/:5556/:15556/; s/:5557/:15557/; s/:9846/:19846/; s/:9847/:19847/' "$root/etc/surged/surged.toml"
sed -i 's/resolve_hold = "3m"/resolve_hold = "1h"/' "$root/etc/surged/team.toml"
# The pack waits a minute and a half before it calls people; here a second is long enough.
sed -i '/^id = "oldest-wait"/,/^red/ s/raise_after = "90s"/raise_after = "1s"/' "$root/etc/surged/rules.d/voice.toml"
cat >"$root/root/lines.jsonl.sh" <<'FEED'
# One message a line, for as long as it is read: a queue far beyond every limit.
seq=0
while :; do
    seq=$((seq + 1)) now=$(date +%s%3N)
    printf '{"v":1,"source":"live","epoch":%s,"seq":%s,"ts":%s,"queues":[{"centre":"jinan","queue":"general","m":{"oldest_wait_s":500}}]}\n' \
        "$1" "$seq" "$now"
    sleep 0.2
done
FEED

systemd-nspawn --boot --directory="$root" --register=no --keep-unit --machine=surged-live --console=pipe >"$work/console.log" 2>&1 </dev/null &
container=$!
leader() { pgrep -P "$container" | head -n 1; }
inside() { nsenter --target "$(leader)" --mount --uts --ipc --pid --cgroup "$@"; }
property() { inside systemctl show surged -P "$1"; }
up() { [[ $(inside systemctl is-system-running 2>/dev/null) =~ running|degraded ]]; }
within 60 up || { tail -n 20 "$work/console.log"; say "systemd did not boot"; exit 1; }
inside systemd-sysusers && inside systemd-tmpfiles --create

feeding() {
    inside bash -c "bash /root/lines.jsonl.sh $1 | surgectl feed send --to tcp://127.0.0.1:15556 -" >"$work/feed.log" 2>&1 &
    feeder=$!
}
ctl() { inside surgectl --server http://127.0.0.1:19847 "$@"; }
incident() { ctl --json incidents | grep -o '"incident": *"[^"]*"' | head -n 1; }
open_incident() { [[ -n $(incident) ]]; }
active() { [[ $(property ActiveState) == active ]]; }
new_pid() { active && [[ $(property MainPID) != "$1" ]]; }

inside systemctl start surged
claim "starts and says it is ready (Type=notify)" active
if ! active; then
    inside journalctl -u surged --no-pager | tail -n 20
    printf '%s passed, %s failed\n' "$passed" "$failed"
    exit 1
fi
claim "says in the status line what it watches" bash -c "[[ -n '$(property StatusText)' ]]"
claim "keeps its state where nobody else may look" inside bash -c '[[ $(stat -c "%a %U" /var/lib/surged) == "700 surged" ]]'
feeding 1
claim "sees the surge and opens an incident" within 30 open_incident
before=$(incident)
pid=$(property MainPID)
claim "reloads" inside systemctl reload surged
claim "is the same process after the reload" bash -c "[[ '$(property MainPID)' == '$pid' ]]"
inside bash -c 'echo "nonsense = 1" >>/etc/surged/surged.toml'
inside systemctl reload surged
claim "survives a bad configuration (O1)" active
inside sed -i '/^nonsense/d' /etc/surged/surged.toml
inside bash -c "kill -9 $pid"
claim "is restarted after kill -9" within 20 new_pid "$pid"
claim "has recovered the open incident" within 20 open_incident
claim "and it is the same incident" bash -c "[[ '$(incident)' == '$before' ]]"
pid=$(property MainPID)
inside bash -c "kill -STOP $pid"
claim "a loop that hangs is ended by the watchdog and restarted" within 40 new_pid "$pid"
claim "and the incident is still there" within 20 open_incident

status_of() { inside systemctl show "$1" -P StatusText; }
stands_by() { [[ $(status_of "$1") == "standing by"* ]]; }
same_incident() { [[ $(incident) == "$before" ]]; }
works() { ! stands_by "$1" && same_incident; }
inside systemctl start surged-standby
claim "a second one starts and stands by" stands_by surged-standby
pid=$(property MainPID)
inside bash -c "kill -9 $pid"
claim "takes over within three seconds of a kill -9, with the incident" within 3 works surged-standby
claim "the first is restarted and stands by in its turn" within 20 stands_by surged
standby_pid=$(inside systemctl show surged-standby -P MainPID)
inside bash -c "kill -STOP $standby_pid"
claim "takes over from one that hangs, once the watchdog has ended it" within 40 works surged
claim "which stands by after that" within 20 stands_by surged-standby
sleep 12
claim "and is left alone by its watchdog" bash -c "[[ $(inside systemctl show surged-standby -P NRestarts) == 1 ]]"
inside systemctl restart surged
claim "a restart hands over to the other, as in an upgrade" within 8 works surged-standby
claim "and stands by" within 10 stands_by surged
inside systemctl stop surged-standby
claim "takes over from one that was stopped" within 8 works surged
claim "the folder for ipc:// sockets is still there" inside test -d /run/surged
exposure=$(inside systemd-analyze security surged --no-pager 2>/dev/null | sed -n 's/.*Overall exposure level.*: \([0-9.]*\).*/\1/p')
say "exposure level $exposure"
claim "its exposure is 2.0 or lower" awk "BEGIN { exit !($exposure <= 2.0) }"
source "$top/tests/live/systemd_feeders.sh"
kill "$feeder" 2>/dev/null
started=$SECONDS
inside systemctl stop surged
claim "stops within five seconds" bash -c "((SECONDS - $started <= 6))"
claim "stopped in good order" bash -c "[[ '$(property Result)' == success ]]"
((failed == 0)) || { inside journalctl -u surged --no-pager | tail -n 60; cat "$work/feed.log"; }
printf '%s passed, %s failed\n' "$passed" "$failed"
((failed == 0))
