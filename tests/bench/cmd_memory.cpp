// `memory`: bytes a series and a bound rule cost at 100,000 series, and what hostile new names at the limit do to it.
//
// Every case runs in a fresh process, so that nobody else's pages are counted. Two measures: resident pages of the process, and
// bytes malloc has handed out. Both are taken before the engine exists and after all windows have turned once.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <thread>

#include "child.hpp"
#include "commands.hpp"
#include "core/base/bytes.hpp"
#include "config/settings.hpp"
#include "core/engine/engine.hpp"
#include "measure.hpp"
#include "receivers.hpp"
#include "stream.hpp"
#include "wire/decode.hpp"

namespace surged::bench {
namespace {

using namespace std::chrono_literals;

std::string rules_of(const std::string& kind) {
    if (kind == "one_threshold") {
        return threshold_rules("high");
    }
    if (kind == "two_thresholds") {
        return threshold_rules("high") + threshold_rules("higher", 2);
    }
    if (kind == "window") {  // 15 minutes in all: the last minute against the fourteen before it
        return threshold_rules("high") + rate_rules("1m", "14m");
    }
    return "";
}

struct Fed {
    std::unique_ptr<Engine> engine;
    std::unique_ptr<Decoder> decoder;
    Message message;
    RefusalCounts dropped{};
    std::int64_t now_ms = 0;

    void take(std::string_view payload, std::int64_t at_ms) {
        now_ms = at_ms;
        if (const auto refused = decoder->decode(payload, message, dropped)) {
            engine->refuse(*refused);
            return;
        }
        engine->ingest(message, {engine_time(at_ms), wall_time(at_ms)});
    }
};

/// The engine, full: every queue has reported `rounds` times. `series` is the limit.
void fill(Fed& fed, Stream& stream, const std::string& kind, std::uint64_t rounds) {
    const auto queues = stream.queues();
    const std::string limits = "[ingest.limits]\nseries = " + std::to_string(queues * metrics_per_queue) +
                               "\nqueues = " + std::to_string(queues * 2) + "\n";
    auto loaded = parse_config("memory.toml", limits + rules_of(kind));
    if (!loaded.ok()) {
        give_up("the memory benchmark's configuration");
    }
    fed.engine = std::make_unique<Engine>(std::move(loaded.plan));
    fed.decoder = std::make_unique<Decoder>(fed.engine->plan().limits);
    for (std::uint64_t n = 0; n < rounds * stream.round(); ++n) {
        fed.take(stream.message(n, stream.recorded_ms(n)), stream.recorded_ms(n));
    }
}

struct Marks {
    std::uint64_t resident = resident_bytes();
    std::uint64_t allocated = malloc_bytes();
};

/// A message of a feeder that has lost its mind: 32 queues nobody has heard of.
std::string hostile_message(std::mt19937_64& random, std::uint64_t seq, std::int64_t ts_ms) {
    std::array<char, 96> text{};
    std::snprintf(text.data(), text.size(), R"({"v":1,"source":"mad-1","epoch":1,"seq":%llu,"ts":%lld,"queues":[)",
                  static_cast<unsigned long long>(seq), static_cast<long long>(ts_ms));
    std::string out = text.data();
    for (int i = 0; i < 32; ++i) {
        std::snprintf(text.data(), text.size(), R"(%s{"centre":"c%06llx","queue":"q%016llx","m":{"calls_waiting":1,)",
                      i == 0 ? "" : ",", static_cast<unsigned long long>(random() & 0xFFFFFFU),
                      static_cast<unsigned long long>(random()));
        out += text.data();
        std::snprintf(text.data(), text.size(), R"("m%08llx":2}})", static_cast<unsigned long long>(random() & 0xFFFFFFFFU));
        out += text.data();
    }
    return out + "]}";
}

/// Prints resident bytes at the start, at the middle and at the end, their maximum, and messages taken.
void churn(Fed& fed, double seconds) {
    std::mt19937_64 random(7);
    std::uint64_t seq = 0;
    const auto once = [&] {
        fed.now_ms += 1;
        const std::string message = hostile_message(random, ++seq, fed.now_ms);
        fed.take(message, fed.now_ms);
    };
    for (int i = 0; i < 1000; ++i) {
        once();
    }
    const std::uint64_t start = resident_bytes();
    std::uint64_t middle = start;
    std::uint64_t highest = start;
    const auto began = Clock::now();
    while (seconds_since(began) < seconds) {
        for (int i = 0; i < 200; ++i) {
            once();
        }
        const std::uint64_t now = resident_bytes();
        highest = std::max(highest, now);
        middle = seconds_since(began) < seconds / 2 ? now : middle;
    }
    const auto refused = fed.engine->stats().rejected[static_cast<std::size_t>(Refusal::series_limit)];
    std::printf("%llu %llu %llu %llu %llu %llu\n", static_cast<unsigned long long>(start),
                static_cast<unsigned long long>(middle), static_cast<unsigned long long>(resident_bytes()),
                static_cast<unsigned long long>(highest), static_cast<unsigned long long>(seq),
                static_cast<unsigned long long>(refused));
}

std::vector<double> child_numbers(const std::vector<std::string>& words, std::chrono::milliseconds within) {
    Child::Options options;
    options.argv = {own_path(), "memory-child"};
    options.argv.insert(options.argv.end(), words.begin(), words.end());
    options.pipe = true;
    Child child(options);
    const std::string line = child.read_line(within);
    std::vector<double> numbers;
    const char* at = line.c_str();
    for (char* end = nullptr;; at = end) {
        const double number = std::strtod(at, &end);
        if (end == at) {
            return numbers;
        }
        numbers.push_back(number);
    }
}

struct Case {
    std::string kind;
    std::string name;
    std::vector<double> found;  // resident, allocated, series, bound, then seconds of a view and of a snapshot, and its bytes
};

}  // namespace

/// `memory-child KIND QUEUES ROUNDS [CHURN SECONDS]`: one line of numbers.
int run_memory_child(const std::vector<std::string>& words) {
    if (words.size() < 3) {
        return 2;
    }
    const std::size_t queues = std::strtoull(words[1].c_str(), nullptr, 10);
    Stream stream(queues, 32, 1);  // the feeder's memory, not the engine's: there at both marks
    const Marks before;
    Fed fed;
    fill(fed, stream, words[0], std::strtoull(words[2].c_str(), nullptr, 10));
    const Marks after;
    if (words.size() > 3) {
        churn(fed, std::strtod(words[3].c_str(), nullptr));
        return 0;
    }
    const EngineStats stats = fed.engine->stats();
    // What the engine thread does for others while samples wait: the copy a scrape takes, and the windows that are written for a
    // restart.
    SeriesView view;
    view = fed.engine->series();
    const auto view_start = Clock::now();
    view = fed.engine->series();
    const double view_s = seconds_since(view_start);
    const auto snapshot_start = Clock::now();
    // As the daemon writes it: a few queues, a look at the clock.
    SeriesCursor cursor;
    ByteWriter windows;
    double longest_s = 0;
    std::size_t windows_bytes = 0;
    while (!cursor.done()) {
        const auto slice_start = Clock::now();
        while (!cursor.done() && seconds_since(slice_start) < 0.0005) {
            fed.engine->series_snapshot(cursor, 4, windows);
        }
        if (windows.size() >= (std::size_t{1} << 18U) || cursor.done()) {
            windows_bytes += windows.size();
            windows.clear();
        }
        longest_s = std::max(longest_s, seconds_since(slice_start));
    }
    const double snapshot_s = seconds_since(snapshot_start);
    std::printf("%.0f %.0f %llu %llu %.9f %.9f %zu %.9f\n", static_cast<double>(after.resident) - static_cast<double>(before.resident),
                static_cast<double>(after.allocated) - static_cast<double>(before.allocated),
                static_cast<unsigned long long>(stats.series), static_cast<unsigned long long>(stats.bound), view_s, snapshot_s,
                windows_bytes, longest_s);
    return 0;
}

void run_memory(const Options& options, Report& report) {
    const std::size_t queues = options.quick ? 1000 : 10000;
    std::vector<Case> cases{{"none", "no rules", {}},
                            {"one_threshold", "one threshold", {}},
                            {"two_thresholds", "two thresholds", {}},
                            {"window", "threshold + rate of change over 15 min", {}}};
    report.table("memory at " + std::to_string(queues * metrics_per_queue) + " series (" + std::to_string(queues) + " queues)",
                 {"rules on every series", "resident", "malloc", "B/series res.", "B/series mal.", "bound rules"});
    for (Case& one : cases) {
        const bool window = one.kind == "window" && !options.quick;
        one.found = child_numbers({one.kind, std::to_string(queues), window ? "190" : "3"}, 900s);
        if (one.found.size() != 8 || one.found[2] < 1) {
            give_up("the memory benchmark's child said nothing");
        }
        const double resident = one.found[0] / one.found[2];
        const double allocated = one.found[1] / one.found[2];
        report.row({one.name, fixed(one.found[0] / 1048576, 1) + " MiB", fixed(one.found[1] / 1048576, 1) + " MiB",
                    fixed(resident, 0), fixed(allocated, 0), fixed(one.found[3], 0)});
        report.number("memory." + one.kind + ".resident_bytes_per_series", resident);
        report.number("memory." + one.kind + ".malloc_bytes_per_series", allocated);
    }
    const double rule_bytes = (cases[2].found[1] - cases[1].found[1]) / (cases[2].found[3] - cases[1].found[3]);
    report.line("one more bound threshold: " + fixed(rule_bytes, 1) + " bytes (malloc)");
    report.number("memory.bound_threshold_bytes", rule_bytes);
    const std::vector<double>& full = cases.back().found;
    report.line("the engine thread is away for a scrape's copy " + duration_text(full[4]) + ", for one slice of the windows' snapshot at most " +
                duration_text(full[7]) + " (" + duration_text(full[5]) + " in all, " + fixed(full[6] / 1e6, 1) + " MB)");
    report.number("memory.window.view_s", full[4]);
    report.number("memory.window.snapshot_s", full[5]);
    report.number("memory.window.longest_slice_s", full[7]);
    report.number("memory.window.snapshot_bytes", full[6]);

    const auto churned = child_numbers({"window", std::to_string(queues), "3", fixed(options.churn_s, 1)},
                                       std::chrono::milliseconds{static_cast<std::int64_t>(options.churn_s * 1000) + 60000});
    if (churned.size() != 6) {
        give_up("the churn child said nothing");
    }
    report.line("churn at the series limit for " + fixed(options.churn_s, 1) + " s: " + fixed(churned[4], 0) +
                " messages of 32 unknown queues, " + fixed(churned[5], 0) + " values refused; resident " +
                fixed(churned[0] / 1048576, 2) + " MiB at first, " + fixed(churned[1] / 1048576, 2) + " half way, " +
                fixed(churned[2] / 1048576, 2) + " at the end, " + fixed(churned[3] / 1048576, 2) + " at most");
    report.number("memory.churn.seconds", options.churn_s);
    report.number("memory.churn.refused", churned[5]);
    report.number("memory.churn.resident_growth_bytes", churned[2] - churned[0]);
    report.number("memory.churn.resident_growth_second_half_bytes", churned[2] - churned[1]);
}

}  // namespace surged::bench
