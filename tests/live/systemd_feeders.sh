# Sourced by systemd.sh: two instances of surged-feed@ under the booted systemd, one that follows a folder of files and one that is
# connected to a manager interface (scripted_ami.py, on the host: the container shares its loopback). surged is running and stays so.
feed_metrics=(19850 19851)
cat >"$root/root/feeders.sh" <<'SETUP'
mkdir -p /etc/surged/feeds /srv/exports /etc/systemd/system/surged-feed@pbx.service.d
install -m 0755 -d /srv/exports
echo 'FEED="csv --follow /srv/exports --centre files --every 1s --spread 0s --to tcp://127.0.0.1:15556 --metrics 127.0.0.1:19850"' >/etc/surged/feeds/files.env
echo 'FEED="ami --from 127.0.0.1:15038 --user surged --secret-file pbx.secret --centre pbx --to tcp://127.0.0.1:15556 --metrics 127.0.0.1:19851"' >/etc/surged/feeds/pbx.env
# Its secret is root's alone: user surged reads the copy that systemd hands over.
install -m 0600 /dev/stdin /etc/surged/feeds/pbx.secret <<<"a secret, of words"
printf '[Service]\nLoadCredential=pbx.secret:/etc/surged/feeds/pbx.secret\n' >/etc/systemd/system/surged-feed@pbx.service.d/secret.conf
echo 'FEED="csv --follow /nowhere/at/all --no-such-option"' >/etc/surged/feeds/wrong.env
systemctl daemon-reload
SETUP
export_file() { # export_file NAME COUNT: whole at once, as the manual says
    inside bash -c "printf 'queue,offered,answered\ngeneral,%s,%s\n' $2 $2 >/srv/exports/.part && mv /srv/exports/.part /srv/exports/$1"
}
peer() { # peer UPTIME: the scripted switch comes (back)
    python3 "$top/tests/live/scripted_ami.py" 15038 "a secret, of words" "$1" >>"$work/peer.log" 2>&1 &
    peer=$!
}
feed_property() { inside systemctl show "surged-feed@$1" -P "$2"; }
feed_active() { [[ $(feed_property "$1" ActiveState) == active ]]; }
feed_pid() { feed_property "$1" MainPID; }
feed_new_pid() { feed_active "$1" && [[ $(feed_pid "$1") != "$2" ]]; }
feed_health() { curl -fsS "http://127.0.0.1:$1/healthz"; }
feed_unwell() { ! feed_health "$1"; }
# The value of a metric as surged has it now; empty: it has none.
value_of() { # value_of CENTRE QUEUE METRIC
    ctl --json queues | python3 -c '
import json, sys
centre, queue, metric = sys.argv[1:]
for row in json.load(sys.stdin)["queues"]:
    if row["centre"] == centre and row["queue"] == queue:
        print(row["m"].get(metric, ""))' "$@"
}
beyond() { # beyond CENTRE QUEUE METRIC NUMBER
    local now
    now=$(value_of "$1" "$2" "$3")
    [[ -n $now ]] && awk "BEGIN { exit !($now > $4) }"
}

if ! command -v python3 >/dev/null || ! command -v curl >/dev/null; then
    say "skipped: feeders under systemd (python3 and curl play their peers)"
    return 0
fi
inside bash /root/feeders.sh
peer 1000
inside systemctl start surged-feed@files surged-feed@pbx
claim "a feeder that follows a folder starts" within 5 feed_active files
claim "a feeder of a switch starts" within 5 feed_active pbx
claim "logs in with a secret that came by LoadCredential and is root's alone" within 10 grep -qx login "$work/peer.log"
claim "its queue is in surged" within 10 beyond pbx helpline calls_waiting -1
claim "its counters rise" within 10 beyond pbx helpline offered 2
claim "its health says so" within 5 feed_health 19851
export_file 1000.csv 10
sleep 3
export_file 1015.csv 312
claim "a file that is dropped is in surged" within 10 beyond files general offered 300

files_pid=$(feed_pid files) pbx_pid=$(feed_pid pbx)
inside systemctl restart surged
sent=$(value_of pbx helpline offered)
claim "after a restart of surged the switch's counters are there again, and rise" within 20 beyond pbx helpline offered "${sent:-3}"
export_file 1030.csv 100
claim "and the folder's, which go on" within 20 beyond files general offered 400
claim "both are the processes of before" bash -c "[[ '$(feed_pid files) $(feed_pid pbx)' == '$files_pid $pbx_pid' ]]"

sent=$(value_of pbx helpline offered)
kill "$peer" && wait "$peer" 2>/dev/null
claim "a switch that goes away shows in its health" within 10 feed_unwell 19851
claim "and ends nothing" feed_active pbx
sleep 4
peer 0
claim "the switch that is back is heard again, as a new run of it" within 40 feed_health 19851
claim "and its counters rise" within 20 beyond pbx helpline offered 3

inside kill -9 "$(feed_pid files)"
claim "a feeder that was killed is restarted" within 10 feed_new_pid files "$files_pid"
counted=$(value_of files general offered)
export_file 1045.csv 50
claim "and goes on where it was, counting no file twice" within 15 beyond files general offered "$counted"
claim "exactly" bash -c "[[ '$(value_of files general offered)' == '$(awk "BEGIN { print $counted + 50 }")' ]]"

inside systemctl start surged-feed@wrong
failed_for_good() { [[ $(feed_property wrong ActiveState) == failed && $(feed_property wrong ExecMainStatus) == 2 ]]; }
claim "wrong options fail at once and are not tried again" within 5 failed_for_good
claim "  (no restart)" bash -c "[[ '$(feed_property wrong NRestarts)' == 0 ]]"
inside systemctl reset-failed surged-feed@wrong

sandbox_sees() { inside nsenter --target "$(feed_pid files)" --mount test -e "$1"; }
sandbox_hides() { inside test -e "$1" && sandbox_sees /srv/exports && ! sandbox_sees "$1"; }
claim "the store cannot be seen from its sandbox" sandbox_hides /var/lib/surged/surged.db
exposure=$(inside systemd-analyze security surged-feed@pbx --no-pager 2>/dev/null | sed -n 's/.*Overall exposure level.*: \([0-9.]*\).*/\1/p')
say "exposure level of a feeder $exposure"
claim "its exposure is 2.0 or lower" awk "BEGIN { exit !($exposure <= 2.0) }"
started=$SECONDS
inside systemctl stop surged-feed@files surged-feed@pbx
claim "feeders stop within three seconds" bash -c "((SECONDS - $started <= 3))"
claim "in good order" bash -c "[[ '$(feed_property pbx Result) $(feed_property files Result)' == 'success success' ]]"
kill "$peer" 2>/dev/null
((failed == 0)) || inside journalctl -u 'surged-feed@*' --no-pager | tail -n 40
