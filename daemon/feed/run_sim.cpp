#include "feed/run_sim.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "feed/scenario.hpp"
#include "feed/sim_team.hpp"
#include "feed/simulator.hpp"
#include "io/zmq/subscriber.hpp"

namespace surged {

namespace {

// Monday 2026-03-02 00:00 UTC: a fixed begin where the bytes must not depend on the hour they are made.
constexpr std::int64_t start_fixed_ms = 1772409600000;
constexpr std::size_t events_a_turn = 1000;

class SimRun {
public:
    SimRun(const SimOptions& options, Scenario scenario, std::int64_t start_ms, FeedSink& sink, std::ostream& err,
           const std::atomic<bool>& stop)
        : options_(options),
          shifts_(shifts_to_now(all_outputs(options.output, options.more))),
          start_ms_(start_ms),
          sink_(sink),
          err_(err),
          stop_(stop),
          reactor_(options.react_delay),
          simulator_(std::move(scenario), source_time(start_ms)) {}

    Result<void> listen() {
        SubscriberSettings settings;
        settings.endpoint = options_.react.front();
        settings.also.assign(options_.react.begin() + 1, options_.react.end());
        settings.curve = options_.react_curve;
        auto opened = Subscriber::open(settings);
        if (!opened) {
            return tl::unexpected(opened.error());
        }
        subscriber_ = std::move(*opened);
        return {};
    }

    int run() {
        const auto period = std::max(options_.period, Span{100});
        const auto begin = steady_now_ms();
        auto told = begin;
        const std::uint64_t epoch = static_cast<std::uint64_t>(shifts_ ? wall_now_ms() : start_ms_);
        bool sending = true;
        for (Span t = period; !stop_ && sending && (options_.duration.count() == 0 || t <= options_.duration); t += period) {
            if (options_.speed > 0) {
                const double due = static_cast<double>(t.count()) / options_.speed;
                if (!wait(begin + static_cast<std::int64_t>(due))) {
                    break;
                }
            } else {
                hear(Span{0});
            }
            simulator_.run_until(t);
            simulator_.messages(options_.source, epoch, [&](const Message& m) { sending = sending && send(m); });
            if (!options_.quiet && (steady_now_ms() - told >= 10000 || t == period)) {
                told = steady_now_ms();
                tell();
            }
        }
        const bool flushed = sink_.finish();
        if (!options_.quiet) {
            tell();
            err_ << "event=feed_done messages=" << sink_.sent() << " flushed=" << (flushed ? "yes" : "no") << '\n';
        }
        return sending || stop_ ? 0 : 1;
    }

private:
    bool send(const Message& message) {
        if (!shifts_) {
            return sink_.send(message);
        }
        copy_ = message;
        shift_times(copy_, wall_now_ms() - to_ms(message.ts));
        return sink_.send(copy_);
    }

    /// Until `due`, hearing what the daemon says.
    bool wait(std::int64_t due) {
        if (!subscriber_) {
            return wait_until_ms(due, stop_);
        }
        hear(Span{0});
        while (!stop_) {
            const auto left = due - steady_now_ms();
            if (left <= 0) {
                return true;
            }
            hear(Span{std::min<std::int64_t>(left, 50)});
        }
        return false;
    }
    void hear(Span timeout) {
        if (!subscriber_) {
            return;
        }
        subscriber_->receive(timeout, events_a_turn, [this](std::string_view, std::string_view payload) {
            if (const auto event = parse_team_event(payload)) {
                reactor_.on_event(*event, simulator_);
            }
        });
    }

    void tell() {
        std::uint64_t waiting = 0;
        std::uint64_t offered = 0;
        std::uint64_t answered = 0;
        int staffed = 0;
        double oldest_s = 0;
        for (std::size_t i = 0; i < simulator_.size(); ++i) {
            const auto& q = simulator_.queue(i);
            waiting += q.waiting();
            offered += q.counters().offered;
            answered += q.counters().answered;
            staffed += q.staffed();
            oldest_s = std::max(oldest_s, static_cast<double>(q.oldest_wait(simulator_.now().count() * 1000)) / 1e6);
        }
        err_ << "event=sim t=" << format_span(simulator_.now()) << " waiting=" << waiting
             << " oldest_s=" << format_rounded(oldest_s, 1) << " offered=" << offered << " answered=" << answered
             << " staffed=" << staffed << " joined=" << simulator_.joined() << std::endl;
    }

    const SimOptions& options_;
    bool shifts_;
    std::int64_t start_ms_;
    FeedSink& sink_;
    std::ostream& err_;
    const std::atomic<bool>& stop_;
    SeatReactor reactor_;
    Simulator simulator_;
    std::unique_ptr<Subscriber> subscriber_;
    Message copy_;
};

}  // namespace

int run_feed_sim(const SimOptions& options, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) {
    Scenario scenario;
    if (options.scenario.empty()) {
        scenario = *parse_scenario(scenario_quickstart());
    } else if (auto loaded = load_scenario(options.scenario)) {
        scenario = std::move(*loaded);
    } else {
        err << loaded.error().message << '\n';
        return 2;
    }
    scenario.seed = options.seed.value_or(scenario.seed);
    const auto outputs = all_outputs(options.output, options.more);
    const auto start_ms = scenario.start_ms.value_or(shifts_to_now(outputs) ? wall_now_ms() : start_fixed_ms);
    auto sink = open_sinks(outputs, out, err, stop);
    if (!sink) {
        err << sink.error().message << '\n';
        return 2;
    }
    SimRun run(options, std::move(scenario), start_ms, **sink, err, stop);
    if (!options.react.empty()) {
        if (auto heard = run.listen(); !heard) {
            err << heard.error().message << '\n';
            return 2;
        }
    }
    return run.run();
}

int run_responders(const RespondersRun& run, const std::function<void(const SimulatedAnswer&)>& answer, std::ostream& err,
                   const std::atomic<bool>& stop) {
    SubscriberSettings settings;
    settings.endpoint = run.endpoints.front();
    settings.also.assign(run.endpoints.begin() + 1, run.endpoints.end());
    settings.curve = run.curve;
    auto subscriber = Subscriber::open(settings);
    if (!subscriber) {
        err << subscriber.error().message << '\n';
        return 2;
    }
    Responders people(run.options);
    while (!stop) {
        (*subscriber)->receive(Span{50}, events_a_turn, [&](std::string_view, std::string_view payload) {
            if (const auto event = parse_team_event(payload)) {
                people.on_event(*event, engine_time(steady_now_ms()));
            }
        });
        for (const auto& one : people.due(engine_time(steady_now_ms()))) {
            answer(one);
        }
    }
    return 0;
}

}  // namespace surged
