// What each command's help ends with: its own examples. A command without one has its group's.
#include <array>
#include <string>
#include <string_view>

#include "ctl/command_line.hpp"
#include "ctl/context.hpp"

namespace surged {
namespace {

struct Example {
    std::string_view command;  ///< "roster show"
    std::string_view line;     ///< without "surgectl "
};

constexpr std::array examples{
    Example{"", "status"},
    Example{"", "join --as lead-01"},
    Example{"", "check --config /etc/surged/surged.toml"},
    Example{"", "test rules/voice.test.toml"},
    Example{"", "replay --config surged.toml --input recording.jsonl"},
    Example{"status", "status"},
    Example{"status", "--json status | jq .ingest"},
    Example{"status", "status --health"},
    Example{"incidents", "incidents --all"},
    Example{"show", "show 0-17"},
    Example{"show", "--json show 0-17 --timeline"},
    Example{"alerts", "alerts --all"},
    Example{"queues", "--server https://surged.example:9847 --token-file ~/.surged-token queues"},
    Example{"rosters", "rosters --at 2026-01-31T10:00:00Z"},
    Example{"silences", "silences"},
    Example{"history", "history jinan/general"},
    Example{"history", "history jinan/general --metric offered,answered --from 2026-03-02 --to 2026-03-03 --step 15m --csv"},
    Example{"follow", "follow --types incident,seat.joined,page"},
    Example{"follow", "--json follow --for 60"},
    Example{"join", "join --as lead-01"},
    Example{"join", "join 0-17 --as lead-01 --move"},
    Example{"decline", "decline --as lead-01 --substitute lead-04 --reason \"on leave\""},
    Example{"ack", "ack --as sup-01"},
    Example{"ack", "ack --drill --as lead-01"},
    Example{"leave", "leave --as lead-01 --reason \"end of shift\""},
    Example{"handover", "handover --as lead-01 --to lead-02"},
    Example{"arrive", "arrive --as lead-01"},
    Example{"escalate", "escalate 0-17 --tier 2 --as sup-01 --reason \"it gets worse\""},
    Example{"resolve", "resolve 0-17 --force --as sup-01 --reason \"moved to the other centre\""},
    Example{"incident", "incident adopt-policy 0-17 --as sup-01"},
    Example{"incident adopt-policy", "incident adopt-policy 0-17 --as sup-01 --reason \"the need was too low\""},
    Example{"verdict", "verdict 0-17 useful --as sup-01"},
    Example{"verdict", "verdict 0-17 false --as sup-01 --reason \"a test of the trunk\""},
    Example{"silence", "silence --centre jinan --queue general --for 30m --reason \"test calls\" --as sup-01"},
    Example{"silence", "silence --end 3"},
    Example{"reload", "reload"},
    Example{"roster", "roster show leads --days 14"},
    Example{"roster show", "roster show leads --at 2026-01-31T10:00 --days 14"},
    Example{"roster gaps", "roster gaps --days 30"},
    Example{"roster import", "roster import shifts.ics --roster leads --zone Asia/Shanghai --config surged.toml"},
    Example{"roster import", "roster import duty.csv --roster leads --until 2026-12-31"},
    Example{"override", "override add --roster leads --out lead-01 --in lead-09 --for 8h --reason ill"},
    Example{"override add", "override add --roster leads --out lead-01 --in lead-09 --from 2026-01-31T08:00 --until 2026-01-31T20:00 --reason ill"},
    Example{"override list", "override list"},
    Example{"override remove", "override remove o-1"},
    Example{"report", "report 0-17 --format html --language zh --output 0-17.html"},
    Example{"report", "--json report 0-17 | jq .people"},
    Example{"report", "report --month 2026-10 --format html --language zh --output 2026-10.html"},
    Example{"report", "report --week last"},
    Example{"report", "--json report --from 2026-10-01 --to 2026-10-07 | jq .with_help.rate"},
    Example{"fairness", "fairness --days 31 --csv"},
    Example{"dashboards", "dashboards --out /usr/local/share/surged --console https://surged.example:9847"},
    Example{"dashboards", "dashboards --out boards --prefix cc_surged --job callcentre --datasource prometheus-main"},
    Example{"login", "--token-file ~/.surged-token login"},
    Example{"windows", "--server https://a:9847,https://b:9847 --token-file admin-token windows --out /var/lib/surged/surged.db.series"},
    Example{"drill", "drill --roster leads --answers --wait 5m"},
    Example{"check", "check --config /etc/surged/surged.toml"},
    Example{"check", "check --strict surged.toml"},
    Example{"test", "test rules/voice.test.toml --only storm"},
    Example{"test", "test rules/voice.test.toml --require-coverage"},
    Example{"replay", "replay --config surged.toml --input recording.jsonl --from 2026-03-02T09:00"},
    Example{"replay", "replay --config surged.toml --input /var/log/asterisk/queue_log --diff new.toml"},
    Example{"replay", "replay --config surged.toml --input calls.csv --format csv --queue general --centre jinan --column calls"},
    Example{"explain", "explain oldest-wait jinan/general"},
    Example{"explain", "explain oldest-wait jinan/general --at 2026-11-20T09:31"},
    Example{"feed", "feed sim --to tcp://127.0.0.1:5556"},
    Example{"feed", "feed queue-log /var/log/asterisk/queue_log --follow"},
    Example{"feed", "feed ami --from pbx1.example --user surged --secret-file pbx1.secret --centre jinan"},
    Example{"feed", "feed send messages.jsonl"},
    Example{"feed sim", "feed sim --to tcp://127.0.0.1:5556 --react tcp://127.0.0.1:5557"},
    Example{"feed queue-log", "feed queue-log /var/log/asterisk/queue_log.1 /var/log/asterisk/queue_log --follow --centre jinan"},
    Example{"feed queue-log", "feed queue-log /var/log/asterisk/queue_log --summary"},
    Example{"feed queue-log", "feed queue-log - --summary"},
    Example{"feed ami", "feed ami --from pbx1.example --user surged --secret-file /etc/surged/feeds/pbx1.secret --centre jinan"},
    Example{"feed ami", "feed ami --from pbx1:5039 --tls --tls-ca pbx1.pem --user surged --secret-file pbx1.secret --to tcp://mon-a:5556 --to tcp://mon-b:5556"},
    Example{"feed ami", "feed ami --from pbx1 --user surged --secret-file pbx1.secret --to -"},
    Example{"feed ami", "feed ami --replay session.ami --summary"},
    Example{"feed freeswitch", "feed freeswitch --from fs1.example --secret-file /etc/surged/feeds/fs1.secret --centre jinan"},
    Example{"feed freeswitch", "feed freeswitch --from 127.0.0.1:8021 --secret-file fs1.secret --to -"},
    Example{"feed poll", "feed poll /etc/surged/feeds/cloud.toml --check"},
    Example{"feed poll", "feed poll /etc/surged/feeds/cloud.toml --once"},
    Example{"feed poll", "feed poll /etc/surged/feeds/cloud.toml --to tcp://127.0.0.1:5556 --metrics 127.0.0.1:9851"},
    Example{"feed check", "feed check messages.jsonl --config /etc/surged/surged.toml"},
    Example{"feed watch", "feed watch acd-jinan-1"},
    Example{"feed watch", "feed watch --listen tcp://mon-a:5558 --for 1m --json"},
    Example{"feed csv", "feed csv --follow /srv/acd/out --centre jinan --column offered=CallsIn --period-column Interval"},
    Example{"feed record", "feed record --subscribe tcp://acd-1:5600 --messages 1000 > recording.jsonl"},
    Example{"feed send", "feed send messages.jsonl --to tcp://127.0.0.1:5556"},
    Example{"feed send", "feed send recording.jsonl --speed 10"},
    Example{"feed respond", "feed respond --listen tcp://127.0.0.1:5557 --join 0.7"},
    Example{"backtest", "backtest --input calls-2026.csv --train calls-2025.csv --labels surges.json"},
    Example{"learn", "learn --config surged.toml --input calls.csv --queue general --centre jinan"},
    Example{"learn", "learn --config surged.toml --input /var/log/asterisk/queue_log --out profiles"},
    Example{"tune", "tune --config surged.toml --input /var/log/asterisk/queue_log --centre jinan --out tuned.toml"},
    Example{"tune", "tune --config surged.toml --input calls.csv --queue general --centre jinan --per-day 0.05"},
    Example{"help", "help rules"},
    Example{"help", "help surged.toml | grep -A 4 stale_after"},
    Example{"completion", "completion bash > /usr/share/bash-completion/completions/surgectl"},
    Example{"completion", "completion zsh > ~/.zfunc/_surgectl"},
    Example{"completion", "completion fish > ~/.config/fish/completions/surgectl.fish"},
};

struct Lesson {
    std::string_view command;
    std::string_view text;
};

/// What somebody has to do elsewhere before the command can work.
constexpr std::array lessons{
    Lesson{"feed",
           "A feeder of your own: surged-feed(7) has every field of a message, names with kind and unit, time, restarts, limits, several\n"
           "daemons, CURVE, and two feeders of 30 lines (Python, Node). surgectl feed check judges what it sends.\n"},
    Lesson{"feed ami",
           "In Asterisk's manager.conf (then: asterisk -rx 'manager reload'):\n"
           "  [surged]\n"
           "  secret = (what stands in --secret-file)\n"
           "  read = agent,system,call,dialplan\n"
           "  write =\n"
           "  eventfilter = Event: (Queue|Agent|Join|Leave|Hangup|SoftHangup|FullyBooted|Shutdown|Reload)\n"
           "  eventfilter = Variable: QUEUESTATUS\n"
           "  eventfilter = Application: Queue\n"
           "and timestampevents = yes in [general], for waits to the millisecond. Without call and dialplan it runs too: then every\n"
           "caller who was lost counts as abandoned, and who was turned away is not seen. Asterisk 1.8 to 11: eventwhencalled = yes in\n"
           "queues.conf. What each number is made of and what cannot be known: surgectl(1), AMI.\n"},
    Lesson{"feed freeswitch",
           "In FreeSWITCH's event_socket.conf.xml (then: fs_cli -x 'reload mod_event_socket'), when the feeder is on another host:\n"
           "  <param name=\"listen-ip\" value=\"(an address of the switch)\"/>\n"
           "  <param name=\"password\" value=\"(what stands in --secret-file)\"/>\n"
           "  <param name=\"apply-inbound-acl\" value=\"(a list in acl.conf.xml with the feeder's address)\"/>\n"
           "The socket has no TLS, and who knows its password rules the switch: keep it on loopback and run the feeder there, or go\n"
           "through ssh -L or stunnel. What each number is made of and what cannot be known: surgectl(1), FREESWITCH.\n"},
};

std::string lesson_of(const std::string& path) {
    for (const Lesson& lesson : lessons) {
        if (lesson.command == path) {
            return std::string(lesson.text);
        }
    }
    return {};
}

void add_to(CliCommand command, const std::string& path, const std::string& of_group) {  // NOLINT(misc-no-recursion): as deep as our commands
    std::string lines;
    for (const Example& example : examples) {
        lines += example.command == path ? "\n  surgectl " + std::string(example.line) : "";
    }
    if (lines.empty()) {
        lines = of_group;
    }
    // A command may teach before its examples.
    const auto taught = command.footer();
    command.footer((taught.empty() ? "" : taught + "\n\n") + lesson_of(path) + "Exit codes: 0 ok, 1 the answer is no, 2 usage or configuration, 3 cannot reach surged, 4 not permitted.\nExamples:" + lines);
    for (const CliCommand sub : command.commands()) {
        add_to(sub, path.empty() ? sub.name() : path + " " + sub.name(), lines);
    }
}

}  // namespace

void add_examples(CliCommand app) {
    add_to(app, "", "");
}

}  // namespace surged
