// `stall`: how long the engine is away while something else happens. The real daemon with 10,000 queues of 10 metrics that report every
// five seconds, 20 rules a queue beside baselines and shortfall, and 1,000 open incidents; every two milliseconds a queue breaches, and
// the store says when that was decided. A machine has pauses of its own: each row is the median of its turns, and rest is a row.
#include <signal.h>
#include <sys/resource.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <thread>

#include "commands.hpp"
#include "config_text.hpp"
#include "daemon.hpp"
#include "measure.hpp"
#include "os/thread.hpp"
#include "page_path.hpp"
#include "receivers.hpp"
#include "sender.hpp"
#include "stall_probe.hpp"
#include "stream.hpp"
#include "support/http_client.hpp"
#include "support/http_sink.hpp"

namespace surged::bench {
namespace {

using namespace std::chrono_literals;

constexpr double goal_away_s = 0.005;
constexpr double goal_p999_s = 0.010;
constexpr int unit_nice = -10;  // of surged.service; the daemon and the clock that is held to it inherit it

std::string stall_rules() {
    return threshold_rules("high") + rate_rules("1m", "14m") + staffing_rules() + probe_rules();
}

/// Whose incidents stay open: two are wanted, one is called.
std::string crowd_text(const std::string& url) {
    return channel_text("hook", url) + person_text("lead", "hook") + person_text("second", "hook") + policy_text("storm", 2, "lead", {{{"lead", "second"}, "24h"}}) +
           breach_rule_text("storm", "storm");
}

/// A daemon in that state, and what can be asked of it.
class StallWorld {
public:
    StallWorld(const Options& options, const test::HttpSink& sink)
        : queues_(options.quick ? 64 : 10000),
          incidents_(options.quick ? 50 : 1000),
          folder_(options.folder + "/stall"),
          config_(stall_rules() + crowd_text(sink.url("/hook"))),
          daemon_(std::make_unique<Daemon>(folder_, config_)) {
        const double rate = std::ceil(static_cast<double>(queues_) / 32) / (static_cast<double>(round_ms) / 1000);
        sender_ = std::make_unique<Sender>(SenderOptions{daemon_->ingest(), 0, rate, false, queues_});
        if (!daemon_->wait_for_series(queues_ * metrics_per_queue, 120s)) {
            give_up("stall: the queues did not come");
        }
        PushSocket socket(daemon_->ingest());
        for (std::size_t i = 0; i < incidents_; ++i) {
            const auto now = std::to_string(wall_ms());
            socket.send(R"({"v":1,"source":"acd-crowd","epoch":1,"seq":)" + std::to_string(i + 1) + R"(,"ts":)" + now + R"(,"queues":[{"centre":")" +
                        token_name(static_cast<int>(i)) + R"(","queue":"general","m":{"calls_waiting":5000}}]})");
            std::this_thread::sleep_for(1ms);
        }
        for (const auto until = Clock::now() + 60s; daemon_->counts().incidents < incidents_; std::this_thread::sleep_for(50ms)) {
            if (Clock::now() > until) {
                give_up("stall: the incidents did not open");
            }
        }
        probe_ = std::make_unique<StallProbe>(daemon_->ingest(), folder_ + "/surged.db", "first");
    }

    const Daemon& daemon() const { return *daemon_; }
    StallProbe& probe() { return *probe_; }
    /// Edges a second that the daemon can take beside all else; a debug build on a busy machine takes few.
    int churn_rate() const { return incidents_ < 1000 ? 100 : 1500; }
    std::string get(const std::string& path) const {
        const auto reply = test::http(daemon_->http_port(), "GET", path);
        if (reply.status != 200 && reply.status != 202) {  // 202: it is being made
            give_up("stall: " + path + " is answered " + std::to_string(reply.status) + " " + reply.body.substr(0, 200));
        }
        return reply.body;
    }
    /// Until the daemon has looked at its queues for the history: the first look comes with its first ten seconds.
    void await_history(const std::string& path) const {
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{30};
        while (test::http(daemon_->http_port(), "GET", path).status == 404 && std::chrono::steady_clock::now() < until) {
            std::this_thread::sleep_for(200ms);
        }
    }
    /// When the windows were last written down.
    std::filesystem::file_time_type windows_written() const {
        std::error_code missing;
        return std::filesystem::last_write_time(folder_ + "/surged.db.series", missing);
    }
    /// Until all that a start reads is there: the windows of all queues.
    void await_windows() const {
        const auto until = Clock::now() + 60s;
        while (windows_written() == std::filesystem::file_time_type::min()) {
            if (Clock::now() > until) {
                give_up("stall: no windows were written");
            }
            std::this_thread::sleep_for(200ms);
        }
    }
    /// Old records, until the store has so many bytes: rows of a kilobyte that belong to no incident, before the first of the log.
    void fill_store(double gigabytes) const {
        constexpr double row_bytes = 1100;
        const auto rows = static_cast<std::int64_t>(gigabytes * 1e9 / row_bytes);
        add_old_records(folder_ + "/surged.db", rows, static_cast<std::size_t>(row_bytes) - 100);
    }
    /// With this added to the configuration, or `from` in it replaced by `to`.
    void reload(const std::string& added, const std::string& from = "", const std::string& to = "") const {
        std::ostringstream text;
        text << std::ifstream(folder_ + "/surged.toml").rdbuf();
        std::string file = text.str();
        const auto at = from.empty() ? std::string::npos : file.find(from);
        if (!from.empty() && at == std::string::npos) {
            give_up("stall: the configuration does not say " + from);
        }
        file = (from.empty() ? file : file.replace(at, from.size(), to)) + added;
        std::ofstream(folder_ + "/surged.toml") << file;
        const auto reply = test::post_json(daemon_->http_port(), "/api/v1/reload", "{}");
        if (reply.status != 200) {
            give_up("stall: the reload is answered " + std::to_string(reply.status) + " " + reply.body.substr(0, 200));
        }
    }
    /// kill -9; seconds from exec to the first decision of the next life.
    double restart(const std::function<void()>& meanwhile = [] {}) {
        sender_->stop();
        ::kill(daemon_->pid(), SIGKILL);
        daemon_.reset();
        std::filesystem::remove(folder_ + "/surged.log");  // its ports are those of the life before
        meanwhile();
        const auto before = wall_ms();
        daemon_ = std::make_unique<Daemon>(folder_, config_);
        probe_ = std::make_unique<StallProbe>(daemon_->ingest(), folder_ + "/surged.db", "life" + std::to_string(++lives_));
        probe_->run(0.5);
        const auto first = probe_->first_decision();
        if (first == 0) {
            give_up("stall: nothing was decided after the restart");
        }
        return static_cast<double>(first - before) / 1000;
    }

private:
    std::size_t queues_;
    std::size_t incidents_;
    std::string folder_;
    std::string config_;
    int lives_ = 0;
    std::unique_ptr<Daemon> daemon_;
    std::unique_ptr<Sender> sender_;
    std::unique_ptr<StallProbe> probe_;
};

/// Something that happens again and again until `stop`.
struct Disturbance {
    std::string key;
    std::string name;
    std::function<void(StallWorld& world, const std::atomic<bool>& stop)> happens;
};

/// `clients` ask for the path, each again when it has its answer.
void ask_by(StallWorld& world, int clients, const std::string& path, const std::atomic<bool>& stop) {
    std::vector<std::thread> threads;
    for (int i = 0; i < clients; ++i) {
        threads.emplace_back([&] {
            while (!stop) {
                world.get(path);
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
}

/// 64 event streams that are read, and 8 clients asking for every alert.
void ask_for_all(StallWorld& world, const std::atomic<bool>& stop) {
    std::vector<std::unique_ptr<test::HttpConnection>> streams;
    for (int i = 0; i < 64; ++i) {
        streams.push_back(std::make_unique<test::HttpConnection>(world.daemon().http_port(), 20ms));
        streams.back()->send("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }
    std::thread readers([&] {
        while (!stop) {
            for (const auto& stream : streams) {
                stream->receive();
            }
        }
    });
    ask_by(world, 8, "/api/v1/alerts?all=1", stop);
    readers.join();
}

std::vector<Disturbance> disturbances() {
    const auto once = [](auto what) { return [what](StallWorld& world, const std::atomic<bool>& stop) { for (; !stop; std::this_thread::sleep_for(300ms)) { what(world); } }; };
    const std::string queue = "centre=" + centre_name(0) + "&queue=" + queue_name(0);
    const auto grow = [](StallWorld& world) {
        static int grown = 0;  // each reload expects a thousand more
        std::string names;
        for (int i = 0; i < 1000; ++i) {
            names += (i == 0 ? "\"" : ", \"") + ("e" + std::to_string(i)) + "\"";
        }
        world.reload("[[expect]]\ncentre = \"grown" + std::to_string(++grown) + "\"\nqueue = [" + names + "]\nevery = \"5s\"\n");
    };
    // As `surgectl roster import` writes it: a person's shift on each day of two years, one on duty at a time.
    const auto roster = [](StallWorld& world) {
        static int imported = 0;
        constexpr int days = 730;
        std::string text = "[[roster]]\nid = \"imported" + std::to_string(++imported) + "\"\ntimezone = \"UTC\"\ndates = [\n";
        const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
        for (int day = 0; day < days; ++day) {
            const std::chrono::year_month_day date{today + std::chrono::days{day}};
            std::array<char, 16> name{};
            std::snprintf(name.data(), name.size(), "%04d-%02u-%02u", static_cast<int>(date.year()), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
            for (const auto* hours : {"from = \"00:00\", to = \"08:00\"", "from = \"08:00\", to = \"16:00\"", "from = \"16:00\", to = \"24:00\""}) {
                text += "  { date = \"" + std::string(name.data()) + "\", " + hours + ", people = [\"" + (day % 2 == 0 ? "lead" : "second") + "\"] },\n";
            }
        }
        world.reload(text + "]\n");
    };
    const auto edit = [](StallWorld& world) {
        static bool edited = false;  // forth and back
        edited = !edited;
        const std::string id = "id = \"high-calls_waiting\"\nkind = \"threshold\"\nmetric = \"calls_waiting\"\nyellow = { raise = \"> 2";
        world.reload("", id + (edited ? "00" : "01"), id + (edited ? "01" : "00"));
    };
    return {{"rest", "nothing else", [](StallWorld&, const std::atomic<bool>&) {}},
            {"snapshot", "2,000 records a second, snapshots of them", [](StallWorld& world, const std::atomic<bool>& stop) { world.probe().churn(world.churn_rate(), stop); }},
            {"reload", "reload, nothing changed", once([](StallWorld& world) { world.reload(""); })},
            {"edited", "reload, one rule edited", once(edit)},
            {"grown", "reload, 1,000 queues more", once(grow)},
            {"roster", "reload, a roster of two years imported", once(roster)},
            {"windows", "windows of all queues written down", [](StallWorld&, const std::atomic<bool>&) {}},
            {"scrape", "/metrics without pause", [](StallWorld& world, const std::atomic<bool>& stop) { while (!stop) { test::http(world.daemon().metrics_port(), "GET", "/metrics"); } }},
            {"all", "8 clients ask for all alerts, 64 event streams", ask_for_all},
            {"incidents", "8 clients ask for all incidents", [](StallWorld& world, const std::atomic<bool>& stop) { ask_by(world, 8, "/api/v1/incidents", stop); }},
            {"report", "an incident's report", [](StallWorld& world, const std::atomic<bool>& stop) { ask_by(world, 2, "/api/v1/incidents/0-1/report", stop); }},
            {"period", "the report of a week", once([](StallWorld& world) { world.get("/api/v1/report?week=this&format=json"); })},
            {"history", "4 clients read histories", [queue](StallWorld& world, const std::atomic<bool>& stop) { ask_by(world, 4, "/api/v1/history?" + queue, stop); }},
            {"explain", "4 clients ask why", [queue](StallWorld& world, const std::atomic<bool>& stop) { ask_by(world, 4, "/api/v1/explain?rule=rate-offered&" + queue, stop); }},
            {"last", "nothing else, again", [](StallWorld&, const std::atomic<bool>&) {}}};
}

/// Delays of each turn.
std::vector<double> disturb(StallWorld& world, const Disturbance& what, double seconds) {
    std::atomic<bool> stop{false};
    std::thread other([&] {
        take_what_is_left();  // these stand for other machines; here they share the processors with what is measured
        what.happens(world, stop);
    });
    world.probe().run(seconds);
    stop = true;
    other.join();
    return world.probe().delays();
}

/// A value a turn.
struct Row {
    std::size_t count = 0;  ///< breaches
    std::vector<double> p50{};
    std::vector<double> p999{};
    std::vector<double> longest{};
};

Row measured(StallWorld& world, const Disturbance& what, double seconds, int turns) {
    Row row;
    for (int turn = 0; turn < turns; ++turn) {
        const auto delays = disturb(world, what, seconds);
        row.count += delays.size();
        row.p50.push_back(quantile(delays, 0.5));
        row.p999.push_back(quantile(delays, 0.999));
        row.longest.push_back(quantile(delays, 1));
    }
    return row;
}

/// The windows are written every ten seconds at most ([store] snapshot_every), and seldom enough to cost a three-hundredth of the time.
/// What counts is the turn that saw it.
Row until_windows(StallWorld& world, const Disturbance& what, double seconds) {
    const auto written = world.windows_written();
    for (const auto give_up_at = Clock::now() + 240s; Clock::now() < give_up_at;) {
        Row row = measured(world, what, seconds, 1);
        if (world.windows_written() != written) {
            return row;
        }
    }
    give_up("stall: no windows were written");
}

}  // namespace

void run_stall(const Options& options, Report& report) {
    wake_soon();  // the clock, too
    static_cast<void>(::setpriority(PRIO_PROCESS, 0, unit_nice));  // refused, it is said by the figures
    test::HttpSink sink;
    StallWorld world(options, sink);
    world.await_history("/api/v1/history?centre=centre-00&queue=queue-00000");
    const double seconds = options.quick ? 0.3 : std::max(4.0, options.seconds);
    const int turns = options.quick ? 1 : options.repetitions;
    report.table("stall: what a decision waits for while something else happens (longest and p99.9: goals " + duration_text(goal_away_s) + ", " +
                     duration_text(goal_p999_s) + ")",
                 {"", "breaches", "p50", "p99.9", "longest"});
    for (const auto& what : disturbances()) {
        if (!what.key.starts_with(options.row)) {
            continue;
        }
        const auto before = world.probe().newest_snapshot();
        const Row row = what.key == "windows" && !options.quick ? until_windows(world, what, seconds) : measured(world, what, seconds, turns);
        // It is written when commits leave the time, five seconds late at most.
        for (const auto until = Clock::now() + 10s; what.key == "snapshot" && !options.quick && world.probe().newest_snapshot() == before; std::this_thread::sleep_for(100ms)) {
            if (Clock::now() > until) {
                give_up("stall: no snapshot was written");
            }
        }
        report.row({what.name, std::to_string(row.count), duration_text(median(row.p50)), duration_text(median(row.p999)), duration_text(median(row.longest))});
        report.number("stall." + what.key + ".p50_s", median(row.p50));
        report.number("stall." + what.key + ".p999_s", median(row.p999));
        report.number("stall." + what.key + ".longest_s", median(row.longest));
    }
    if (!std::string_view("start").starts_with(options.row)) {
        return;
    }
    const auto restarts = [&](const std::string& state, const std::string& key) {
        std::vector<double> starts;
        world.await_windows();
        for (int turn = 0; turn < turns; ++turn) {
            starts.push_back(world.restart());
        }
        report.line("killed and started again " + state + ": " + duration_text(median(starts)) + " from exec to the first decision");
        report.number(key, median(starts));
    };
    restarts("in that state", "stall.start_s");
    if (options.quick) {
        return;
    }
    world.restart([&] { world.fill_store(options.gigabytes); });
    restarts("with a store of " + fixed(options.gigabytes, 1) + " GB", "stall.start_large_s");
    const auto delays = disturb(world, {"large", "", [](StallWorld& w, const std::atomic<bool>& stop) { w.probe().churn(w.churn_rate(), stop); }}, seconds);
    report.line("records into a store of " + fixed(options.gigabytes, 1) + " GB: p50 " + duration_text(quantile(delays, 0.5)) + ", p99.9 " +
                duration_text(quantile(delays, 0.999)) + ", longest " + duration_text(quantile(delays, 1)));
    report.number("stall.large.p999_s", quantile(delays, 0.999));
    report.number("stall.large.longest_s", quantile(delays, 1));
}

}  // namespace surged::bench
