// `ingest`: samples a second of surged beside the floor and the bare engine, on the same bytes, in turns of one run.
//
// Two tables: from memory (the engine alone) and over a real ZeroMQ PUSH -> PULL connection (tcp, 127.0.0.1) from a sender in
// another process, where the last line is the whole daemon. Windows are full before anything counts, so that rates of change
// really compute.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <thread>

#include "commands.hpp"
#include "daemon.hpp"
#include "io/zmq/ingest.hpp"
#include "measure.hpp"
#include "receivers.hpp"
#include "sender.hpp"
#include "socket.hpp"
#include "stream.hpp"

namespace surged::bench {
namespace {

using namespace std::chrono_literals;

struct Turn {
    double values = 0;
    double wall_s = 0;
    double thread_s = 0;   ///< of the thread that decodes and decides
    double process_s = 0;  ///< with libzmq's own thread
};

struct Variant {
    std::string key;
    std::string name;
    std::unique_ptr<Receiver> receiver;
    std::uint64_t next = 0;  ///< number of the next message of its stream
    std::vector<Turn> turns;
};

std::vector<Variant> make_variants(std::size_t queues) {
    std::vector<Variant> out;
    const auto add = [&out](std::string key, std::string name, std::unique_ptr<Receiver> receiver) {
        out.push_back({std::move(key), std::move(name), std::move(receiver), 0, {}});
    };
    // Recorded time: a round is 5 s, so these windows are those of the default rule pack.
    add("floor", "floor: simdjson only", make_floor());
    add("bare", "bare engine: hash, ring, 1 threshold", make_bare());
    add("surged", "surged: threshold + rate of change", make_surged(threshold_rules("high") + rate_rules("2m", "15m")));
    add("surged_staffing", "surged: + baseline + shortfall",
        make_surged_learned(threshold_rules("high") + rate_rules("2m", "15m") + staffing_rules(), queues));
    add("surged_thresholds", "surged: 2 thresholds", make_surged(threshold_rules("high") + threshold_rules("higher", 2)));
    return out;
}

/// Windows of 17 minutes are full after 204 rounds of 5 s.
void warm(Variant& variant, Stream& stream, const Options& options) {
    const std::uint64_t rounds = variant.key.starts_with("surged") && !options.quick ? 210 : 3;
    for (const std::uint64_t end = rounds * stream.round(); variant.next < end; ++variant.next) {
        variant.receiver->take(stream.message(variant.next, stream.recorded_ms(variant.next)));
    }
}

/// Messages are made outside the measured time, a round at a time: 3 MB, which is what lies between a socket and its reader
/// anyway.
void memory_turn(Variant& variant, Stream& stream, double seconds) {
    Turn turn;
    std::vector<std::string_view> messages(stream.round());
    while (turn.wall_s < seconds) {
        for (std::string_view& message : messages) {
            message = stream.message(variant.next, stream.recorded_ms(variant.next));
            ++variant.next;
        }
        const auto values = variant.receiver->values();
        const double cpu = thread_cpu_s();
        const auto start = Clock::now();
        for (const std::string_view message : messages) {
            variant.receiver->take(message);
        }
        turn.wall_s += seconds_since(start);
        turn.thread_s += thread_cpu_s() - cpu;
        turn.values += static_cast<double>(variant.receiver->values() - values);
    }
    turn.process_s = turn.thread_s;
    variant.turns.push_back(turn);
}

/// Receives until told that time is over: `step` takes what is there, waiting a moment when nothing is.
Turn measure_socket(const Receiver& receiver, double seconds, const std::function<void()>& step) {
    const auto warm_until = Clock::now() + 200ms;
    while (Clock::now() < warm_until) {
        step();
    }
    const double values = static_cast<double>(receiver.values());
    const double thread = thread_cpu_s();
    const double process = process_cpu_s();
    const auto start = Clock::now();
    while (seconds_since(start) < seconds) {
        step();
    }
    Turn turn;
    turn.wall_s = seconds_since(start);
    turn.values = static_cast<double>(receiver.values()) - values;
    turn.thread_s = thread_cpu_s() - thread;
    turn.process_s = process_cpu_s() - process;
    return turn;
}

void bare_socket_turn(Variant& variant, std::size_t queues, double seconds) {
    constexpr std::size_t message_max = 1U << 20U;
    std::vector<char> buffer(message_max + Stream::padding);
    PullSocket socket;
    Sender sender({socket.endpoint(), variant.next, 0, true, queues});
    variant.turns.push_back(measure_socket(*variant.receiver, seconds, [&] {
        for (int i = 0; i < 64; ++i) {
            const int size = socket.receive(buffer.data(), message_max, 100);
            if (size <= 0) {
                return;
            }
            variant.receiver->take({buffer.data(), static_cast<std::size_t>(size)});
        }
    }));
    variant.next = sender.stop();
}

void surged_socket_turn(Variant& variant, std::size_t queues, double seconds) {
    IngestSettings settings;
    settings.bind = {"tcp://127.0.0.1:*"};
    auto ingest = Ingest::open(settings, IngestLimits{});
    if (!ingest) {
        give_up(ingest.error().message);
    }
    Sender sender({(*ingest)->endpoints().front(), variant.next, 0, true, queues});
    const auto take = [&variant](std::string_view payload, std::string_view) { variant.receiver->take(payload); };
    variant.turns.push_back(measure_socket(*variant.receiver, seconds, [&] {
        (*ingest)->wait(Span{100});
        (*ingest)->receive(64, take);
    }));
    variant.next = sender.stop();
}

/// The real daemon under the real time of day: its windows are seconds, so that they fill.
class WholeDaemon {
public:
    WholeDaemon(const Options& options, std::size_t queues, Variant& variant)
        : queues_(queues),
          daemon_(options.folder + "/ingest",
                  threshold_rules("high") + (options.quick ? rate_rules("1s", "2s") : rate_rules("2s", "13s"))),
          variant_(variant) {
        run(options.quick ? 0.5 : 10.0);
        variant_.turns.clear();
    }
    void run(double seconds) {
        Sender sender({daemon_.ingest(), variant_.next, 0, false, queues_});
        std::this_thread::sleep_for(200ms);
        const auto before = daemon_.counts();
        const double thread = main_thread_cpu_s(daemon_.pid());
        const double process = process_cpu_s(daemon_.pid());
        const auto start = Clock::now();
        std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
        const auto after = daemon_.counts();
        Turn turn;
        turn.wall_s = seconds_since(start);
        turn.thread_s = main_thread_cpu_s(daemon_.pid()) - thread;
        turn.process_s = process_cpu_s(daemon_.pid()) - process;
        turn.values = static_cast<double>(after.samples - before.samples);
        variant_.turns.push_back(turn);
        variant_.next = sender.stop();
    }
    Daemon::Counts counts() const { return daemon_.counts(); }

private:
    std::size_t queues_;
    Daemon daemon_;
    Variant& variant_;
};

double middle(const Variant& variant, double (*of)(const Turn&)) {
    std::vector<double> all;
    for (const Turn& turn : variant.turns) {
        all.push_back(of(turn));
    }
    return median(all);
}

/// Ratios are medians of ratios within one round of turns: the machine changes from minute to minute, less so from second to
/// second.
double middle_ratio(const Variant& variant, const Variant& base, double (*of)(const Turn&)) {
    std::vector<double> all;
    for (std::size_t i = 0; i < std::min(variant.turns.size(), base.turns.size()); ++i) {
        all.push_back(of(variant.turns[i]) / of(base.turns[i]));
    }
    return median(all);
}

double by_wall(const Turn& turn) {
    return turn.values / turn.wall_s;
}
double by_thread(const Turn& turn) {
    return turn.values / turn.thread_s;
}
double by_process(const Turn& turn) {
    return turn.values / turn.process_s;
}

void show(const std::string& key, const std::string& title, const std::vector<Variant*>& variants, Report& report) {
    report.table(title, {"M samples / s", "wall", "engine thr.", "process", "ns/value thr.", "of floor thr.", "of bare thr.",
                         "of floor wall", "of bare wall"});
    const Variant& floor = *variants[0];
    const Variant& bare = *variants[1];
    for (const Variant* variant : variants) {
        const double thread = middle(*variant, by_thread);
        const double of_floor = middle_ratio(*variant, floor, by_thread);
        const double of_bare = middle_ratio(*variant, bare, by_thread);
        report.row({variant->name, fixed(middle(*variant, by_wall) / 1e6, 2), fixed(thread / 1e6, 2),
                    fixed(middle(*variant, by_process) / 1e6, 2), fixed(1e9 / thread, 1), fixed(of_floor, 2), fixed(of_bare, 2),
                    fixed(middle_ratio(*variant, floor, by_wall), 2), fixed(middle_ratio(*variant, bare, by_wall), 2)});
        const std::string name = "ingest." + key + "." + variant->key + ".";
        report.number(name + "samples_per_s_wall", middle(*variant, by_wall));
        report.number(name + "samples_per_cpu_s_thread", thread);
        report.number(name + "samples_per_cpu_s_process", middle(*variant, by_process));
        report.number(name + "of_floor_thread", of_floor);
        report.number(name + "of_bare_thread", of_bare);
        report.number(name + "of_floor_wall", middle_ratio(*variant, floor, by_wall));
        report.number(name + "of_bare_wall", middle_ratio(*variant, bare, by_wall));
    }
}

const Variant& variant_of(const std::vector<Variant>& variants, std::string_view key) {
    return *std::find_if(variants.begin(), variants.end(), [&](const Variant& v) { return v.key == key; });
}

/// What a forecast and a count of missing agents on every queue cost: processor time a sample beside the same rules without them.
void show_staffing(const std::string& key, const std::vector<Variant>& variants, Report& report) {
    const auto cost = [](const Turn& turn) { return turn.thread_s / turn.values; };
    const double ratio = middle_ratio(variant_of(variants, "surged_staffing"), variant_of(variants, "surged"), cost);
    report.line("a baseline and a shortfall rule bound to every queue: " + fixed(ratio, 2) +
                " x the engine thread's time of the same without them");
    report.number("ingest." + key + ".staffing_cost", ratio);
}

std::vector<Variant*> pointers(std::vector<Variant>& variants) {
    std::vector<Variant*> out;
    for (Variant& variant : variants) {
        out.push_back(&variant);
    }
    return out;
}

}  // namespace

/// `profile floor|bare|surged|surged_staffing|surged_thresholds SECONDS`: one variant from memory, nothing else, for perf.
int run_profile(const std::vector<std::string>& words) {
    Stream stream;
    Options options;
    if (words.size() == 2) {
        for (Variant& variant : make_variants(stream.queues())) {
            if (variant.key == words[0]) {
                warm(variant, stream, options);
                memory_turn(variant, stream, std::strtod(words[1].c_str(), nullptr));
                const Turn& turn = variant.turns.front();
                std::printf("%s: %.1f ns a value (processor), %.2f M samples / s\n", variant.name.c_str(),
                            turn.thread_s / turn.values * 1e9, turn.values / turn.thread_s / 1e6);
                return 0;
            }
        }
    }
    std::fprintf(stderr, "surged_bench: profile floor|bare|surged|surged_staffing|surged_thresholds SECONDS\n");
    return 2;
}

void run_ingest(const Options& options, Report& report) {
    Stream stream(options.quick ? 960 : 10000);
    auto variants = make_variants(stream.queues());
    for (Variant& variant : variants) {
        warm(variant, stream, options);
    }
    for (int turn = 0; turn < options.repetitions; ++turn) {
        for (Variant& variant : variants) {
            memory_turn(variant, stream, options.seconds);
        }
    }
    show("memory",
         "ingest, from memory, one thread: 32 queues x 10 metrics a message, " + std::to_string(stream.queues()) + " queues",
         pointers(variants), report);
    show_staffing("memory", variants, report);

    for (Variant& variant : variants) {
        variant.turns.clear();
    }
    Variant daemon_variant{"daemon", "the whole daemon, 20 rules a queue", nullptr, 0, {}};
    WholeDaemon daemon(options, stream.queues(), daemon_variant);
    for (int turn = 0; turn < options.repetitions; ++turn) {
        for (Variant& variant : variants) {
            const bool own_socket = variant.key.starts_with("surged");
            own_socket ? surged_socket_turn(variant, stream.queues(), options.seconds)
                       : bare_socket_turn(variant, stream.queues(), options.seconds);
        }
        daemon.run(options.seconds);
    }
    auto all = pointers(variants);
    all.push_back(&daemon_variant);
    show("socket", "ingest, over ZeroMQ (tcp, 127.0.0.1) from another process", all, report);
    show_staffing("socket", variants, report);
    for (const Variant& variant : variants) {
        variant.receiver->verify();
    }
    const auto counts = daemon.counts();
    report.line("daemon: " + std::to_string(counts.series) + " series, " + std::to_string(counts.bound) + " bound rules, " +
                std::to_string(counts.rejected) + " refused, " + std::to_string(counts.incidents) + " incidents");
    report.number("ingest.socket.daemon.series", static_cast<double>(counts.series));
    report.number("ingest.socket.daemon.rejected", static_cast<double>(counts.rejected));
}

}  // namespace surged::bench
