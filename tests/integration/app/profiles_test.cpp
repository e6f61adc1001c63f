// surgectl learn and the real daemon: what history taught is there at start and at reload; a torn file is told and changes
// nothing.
#include <csignal>
#include <cstdio>
#include <fstream>

#include "core/base/zone.hpp"
#include "support/catch.hpp"
#include "support/daemon_kit.hpp"
#include "support/http_client.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

using namespace surged::test;
using namespace std::chrono_literals;

namespace {

const std::string ctl_program = std::string(SURGED_BIN_DIR) + "/surgectl";

const char* baseline_rule = R"([[rule]]
id = "waiting-baseline"
kind = "baseline"
metric = "calls_waiting"
policy = "surge"
)";

/// Fourteen days of a queue with eight callers waiting, ending yesterday.
void write_history(const std::string& path) {
    std::ofstream out(path);
    out << "timestamp,centre,queue,count\n";
    const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()).time_since_epoch().count();
    for (std::int64_t day = today - 14; day < today; ++day) {
        const auto civil = surged::civil_from_days(day);
        for (int minute = 0; minute < 1440; minute += 5) {
            char line[64];
            std::snprintf(line, sizeof line, "%04d-%02d-%02d %02d:%02d,jinan,general,8\n", civil.year, civil.month, civil.day,
                          minute / 60, minute % 60);
            out << line;
        }
    }
}

bool told(const DaemonKit& kit, const std::string& what) {
    return kit.daemon->err().find(what) != std::string::npos;
}

}  // namespace

TEST_CASE("app: a learned profile is taken at start, a new one at reload, and a torn file changes nothing", "[integration]") {
    DaemonKit kit;
    kit.write_config(baseline_rule);
    const auto history = kit.dir.file("history.csv");
    write_history(history);
    const auto learned =
        run_program(ctl_program, {"--json", "learn", "--config", kit.config, "--input", history, "--metric", "calls_waiting"},
                    kit.dir.path().string());
    INFO(learned.out << learned.err);
    REQUIRE(learned.code == 0);
    CHECK(learned.out.find("\"profiles\":1,") != std::string::npos);
    CHECK(learned.out.find("\"days_max\":13,") != std::string::npos);
    const auto profiles = kit.dir.file("profiles");
    REQUIRE(std::ifstream(profiles));

    kit.start();
    CHECK(told(kit, "event=profiles offered=1 taken=0"));  // the queue has not spoken yet: it waits for it
    REQUIRE(kit.feed_until(8, [&] {
        return http(kit.port("http"), "GET", "/api/v1/alerts?all=1").body.find("too little of the slot was seen") !=
               std::string::npos;
    }));

    std::string bytes;
    {
        std::ifstream in(profiles, std::ios::binary);
        bytes.assign(std::istreambuf_iterator<char>(in), {});
    }
    std::ofstream(profiles, std::ios::binary | std::ios::trunc) << bytes.substr(0, bytes.size() / 2);
    kit.daemon->signal(SIGHUP);
    CHECK(eventually([&] { return told(kit, "profiles: "); }));
    CHECK(http(kit.port("http"), "GET", "/api/v1/alerts?all=1").body.find("learning: 0 of 10") == std::string::npos);
}

namespace {
/// A csv of one queue: `days` days of eight calls in five minutes from 2026-03-02, the last day three times as many from 12 to 14.
void write_counts(const std::string& path, int first, int days, bool surge) {
    std::ofstream out(path);
    out << "timestamp,count\n";
    const auto day0 = surged::days_from_civil(2026, 3, 2);
    for (int day = first; day < first + days; ++day) {
        const auto civil = surged::civil_from_days(day0 + day);
        for (int minute = 0; minute < 1440; minute += 5) {
            const bool high = surge && minute >= 720 && minute < 840;
            char line[64];
            std::snprintf(line, sizeof line, "%04d-%02d-%02d %02d:%02d,%d\n", civil.year, civil.month, civil.day, minute / 60, minute % 60,
                          (high ? 60 : 20) + minute % 3);
            out << line;
        }
    }
}
bool says(const std::string& text, const std::string& what) {
    return text.find(what) != std::string::npos;
}
}  // namespace

TEST_CASE("tool: replay, explain, test and backtest use what learn wrote, or say in one line why not", "[integration]") {
    const TempDir dir;
    const auto config = dir.file("surged.toml");
    std::ofstream(config) << "[ingest]\nbind = [\"tcp://127.0.0.1:5556\"]\n[store]\npath = \"surged.db\"\n[defaults]\ntimezone = \"Asia/Shanghai\"\n"
                             "[[rule]]\nid = \"calls\"\nkind = \"baseline\"\nmetric = \"offered\"\n[[calendar]]\nid = \"days\"\nholidays = \"2026-03-16\"\n";
    write_counts(dir.file("history.csv"), 0, 14, false);
    write_counts(dir.file("day.csv"), 14, 1, true);
    const auto run = [&](std::vector<std::string> words) {
        auto got = run_program(ctl_program, words, dir.path().string());
        UNSCOPED_INFO(words.front() << ": " << got.out << got.err);
        return got;
    };
    const auto replay = [&](const std::string& input, std::vector<std::string> more) {
        std::vector<std::string> words{"replay", "--config", config, "--format", "csv", "--queue", "general", "--centre", "jinan", "--input", dir.file(input)};
        words.insert(words.end(), more.begin(), more.end());
        return run(words);
    };
    const auto none = replay("day.csv", {});
    CHECK(says(none.err, "begin with nothing learned: there is no " + dir.file("profiles") + " (surgectl learn writes it)"));
    CHECK(says(none.out, "0 alerts raised"));
    REQUIRE(run({"learn", "--config", config, "--input", dir.file("history.csv"), "--queue", "general", "--centre", "jinan"}).code == 0);

    const auto with = replay("day.csv", {});
    CHECK(says(with.err, "1 profiles from " + dir.file("profiles") + ", learned up to 2026-03-15\n"));
    CHECK(says(with.out, "1 alerts raised"));
    CHECK(says(replay("day.csv", {"--profiles", "off"}).out, "0 alerts raised"));
    const auto early = replay("history.csv", {});
    CHECK(says(early.err, "are left out: they know days up to 2026-03-15, after the recording's begin"));
    CHECK(says(replay("history.csv", {"--profiles", dir.file("profiles")}).err, "hindsight"));
    CHECK(says(replay("history.csv", {"--from", "2026-03-15"}).err, "1 profiles from"));
    CHECK(replay("day.csv", {"--profiles", dir.file("nowhere")}).code == 2);

    const auto backtest = [&](std::vector<std::string> more) {
        std::vector<std::string> words{"backtest", "--input", dir.file("day.csv")};
        words.insert(words.end(), more.begin(), more.end());
        return run(words);
    };
    CHECK(says(backtest({}).err, "what `learn` wrote is not used"));
    CHECK(says(backtest({"--config", config}).err, "begins with the profile of jinan/general offered"));
    CHECK(says(backtest({"--config", config}).out, " 0 while learning"));
    CHECK(backtest({"--config", config, "--calendar", "dais"}).code == 2);
    CHECK(backtest({"--calendar", config, "--train", dir.file("history.csv")}).code == 0);
    CHECK(backtest({"--calendar", "days"}).code == 2);

    const auto rules = dir.file("calls.test.toml");
    std::ofstream(rules) << "config = \"surged.toml\"\n[[test]]\nname = \"x\"\nstart = \"2026-03-16T12:00:00\"\ntimezone = \"Asia/Shanghai\"\n"
                            "every = \"15s\"\n[[test.feed]]\ncentre = \"jinan\"\nqueue = \"general\"\nmetric = \"offered\"\nvalues = \"0+6x160\"\n"
                            "[[test.expect]]\nat = \"30m\"\nrule = \"calls\"\ncentre = \"jinan\"\nqueue = \"general\"\nstate = \"firing\"\n";
    const auto untaught = run({"test", rules});
    CHECK(untaught.code == 1);
    CHECK(says(untaught.err, "was taught nothing"));
    CHECK(run({"test", rules, "--profiles", dir.file("profiles")}).code == 0);
}

TEST_CASE("tool: backtest says that times with Z want --zone, once they have it no more", "[integration]") {
    const TempDir dir;
    std::ofstream(dir.file("z.csv")) << "timestamp,count\n2026-03-02T09:00:00Z,5\n2026-03-02T09:05:00Z,6\n";
    const auto run = [&](std::vector<std::string> more) {
        std::vector<std::string> words{"backtest", "--input", dir.file("z.csv")};
        words.insert(words.end(), more.begin(), more.end());
        return run_program(ctl_program, words, dir.path().string()).err;
    };
    CHECK(says(run({}), "say --zone"));
    CHECK_FALSE(says(run({"--zone", "Europe/Berlin"}), "say --zone"));
}
