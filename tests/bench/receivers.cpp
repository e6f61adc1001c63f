#include "receivers.hpp"

#include <simdjson.h>

#include <array>
#include <cstdio>
#include <unordered_map>

#include "child.hpp"
#include "config/settings.hpp"
#include "core/engine/engine.hpp"
#include "core/forecast/surge_detector.hpp"
#include "core/rule/baseline.hpp"
#include "stream.hpp"
#include "wire/decode.hpp"

namespace surged::bench {
namespace {

namespace ondemand = simdjson::ondemand;

void require(bool good, const char* what) {
    if (!good) {
        give_up(std::string("a receiver failed: ") + what);
    }
}

/// Walks one message; `part(centre, queue)` before each queue's values when names are wanted, `value(key, number)` for each.
template <bool with_names, typename Part, typename Value>
void walk(ondemand::parser& parser, std::string_view payload, Part part, Value value) {
    ondemand::document document;
    ondemand::array parts;
    require(parser.iterate(payload.data(), payload.size(), payload.size() + Stream::padding).get(document) == simdjson::SUCCESS,
            "no JSON");
    require(document["queues"].get_array().get(parts) == simdjson::SUCCESS, "no queues");
    for (auto item : parts) {
        std::string_view centre;
        std::string_view queue;
        if constexpr (with_names) {
            require(item["centre"].get_string().get(centre) == simdjson::SUCCESS, "no centre");
            require(item["queue"].get_string().get(queue) == simdjson::SUCCESS, "no queue");
            part(centre, queue);
        }
        ondemand::object values;
        require(item["m"].get_object().get(values) == simdjson::SUCCESS, "no values");
        for (auto field : values) {
            std::string_view key;
            if constexpr (with_names) {
                require(field.unescaped_key().get(key) == simdjson::SUCCESS, "no key");
            }
            double number = 0;
            require(field.value().get_double().get(number) == simdjson::SUCCESS, "no number");
            value(key, number);
        }
    }
}

class Floor final : public Receiver {
public:
    void take(std::string_view payload) override {
        walk<false>(
            parser_, payload, [](auto, auto) {},
            [this](std::string_view, double number) {
                sum_ += number;
                ++values_;
            });
    }
    std::uint64_t values() const override { return values_; }
    void verify() const override { require(sum_ > 0, "the floor read nothing"); }

private:
    ondemand::parser parser_;
    double sum_ = 0;
    std::uint64_t values_ = 0;
};

class Bare final : public Receiver {
public:
    void take(std::string_view payload) override {
        walk<true>(
            parser_, payload,
            [this](std::string_view centre, std::string_view queue) {
                key_.assign(centre);
                key_ += '/';
                key_ += queue;
                key_ += '/';
                prefix_ = key_.size();
            },
            [this](std::string_view metric, double number) {
                key_.resize(prefix_);
                key_ += metric;
                Slot& slot = slots_[key_];
                slot.ring[slot.head++ % slot.ring.size()] = number;
                breaches_ += number > slot.limit ? 1U : 0U;
                ++values_;
            });
    }
    std::uint64_t values() const override { return values_; }
    void verify() const override { require(breaches_ == 0 && !slots_.empty(), "the bare engine"); }

private:
    struct Slot {
        std::array<double, 64> ring{};
        std::uint32_t head = 0;
        double limit = 1e15;
    };
    ondemand::parser parser_;
    std::unordered_map<std::string, Slot> slots_;
    std::string key_;
    std::size_t prefix_ = 0;
    std::uint64_t values_ = 0;
    std::uint64_t breaches_ = 0;
};

std::unique_ptr<const Plan> plan_of(const std::string& config) {
    LoadedConfig loaded = parse_config("bench.toml", config);
    for (const Diagnostic& diagnostic : loaded.diagnostics) {
        if (diagnostic.severity == Severity::error) {
            std::fprintf(stderr, "%s\n", diagnostic.text().c_str());
        }
    }
    require(loaded.ok(), "its configuration");
    return std::move(loaded.plan);
}

/// A fortnight of equal slots for every queue and baseline rule.
ProfileShelf learned_profiles(const Plan& plan, std::size_t queues) {
    constexpr std::int64_t days = 14;
    const std::int64_t today = stream_start_ms / 86400000 - 1;  // the zone is ahead of UTC by less than a day
    ProfileShelf shelf;
    for (const RuleSpec& rule : plan.rules) {
        if (rule.kind != RuleKind::baseline) {
            continue;
        }
        SurgeDetector detector(surge_settings(rule));
        const auto slot_s = static_cast<std::int32_t>(rule.slot.count() / 1000);
        for (std::int64_t day = today - days; day < today; ++day) {
            for (std::int32_t second = 0; second < 86400; second += slot_s) {
                SurgeRow row;
                row.day = day;
                row.second_of_day = second;
                row.kind = plain_day_kind(day);
                row.count = rise_per_round(rule.metric) * slot_s * 1000 / static_cast<double>(round_ms);
                detector.learn(row);
            }
        }
        ByteWriter bytes;
        detector.save(bytes);
        const LearnedProfile learned{rule.metric, plan.timezone, detector.profile().days(), bytes.take()};
        for (std::size_t q = 0; q < queues; ++q) {
            shelf[{{centre_name(q), queue_name(q), "voice"}, rule.profile}] = learned;
        }
    }
    return shelf;
}

class Surged final : public Receiver {
public:
    explicit Surged(const std::string& config) : engine_(plan_of(config)), decoder_(engine_.plan().limits) {}
    void learn(std::size_t queues) { engine_.offer_profiles(learned_profiles(engine_.plan(), queues)); }

    void take(std::string_view payload) override {
        if (const auto refused = decoder_.decode(payload, message_, dropped_)) {
            engine_.refuse(*refused);
            return;
        }
        constexpr std::int64_t way_ms = 20;
        engine_.ingest(message_, {engine_time(to_ms(message_.ts) + way_ms), wall_time(to_ms(message_.ts) + way_ms)});
        values_ += message_.values.size();
        decided_ = decided_ || engine_.decided();
    }
    std::uint64_t values() const override { return values_; }
    void verify() const override {
        const EngineStats stats = engine_.stats();
        std::uint64_t rejected = 0;
        for (const std::uint64_t count : stats.rejected) {
            rejected += count;
        }
        require(stats.samples == values_ && values_ > 0, "surged did not use every value");
        require(rejected == 0, "surged refused something");
        require(stats.bound > 0 && !decided_, "surged decided something in a quiet stream");
    }

private:
    Engine engine_;
    Decoder decoder_;
    Message message_;
    RefusalCounts dropped_{};
    std::uint64_t values_ = 0;
    bool decided_ = false;
};

std::string number_text(double value) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.0f", value);
    return text.data();
}

std::string threshold_rule(const std::string& id, const StreamMetric& metric, double factor, const std::string& scope) {
    return "[[rule]]\nid = \"" + id + "\"\nkind = \"threshold\"\nmetric = \"" + std::string(metric.name) + "\"\n" + scope +
           "yellow = { raise = \"> " + number_text(metric.limit * factor) + "\", clear = \"< " +
           number_text(metric.limit * factor * 0.8) + "\" }\n";
}

std::string rate_rule(const std::string& id, const StreamMetric& metric, const std::string& window, const std::string& versus,
                      const std::string& scope) {
    // Against an empty past a change is a million percent: the limit lies above even that.
    return "[[rule]]\nid = \"" + id + "\"\nkind = \"rate_of_change\"\nmetric = \"" + std::string(metric.name) + "\"\n" + scope +
           "window = \"" + window + "\"\nversus = \"" + versus +
           "\"\nfloor = 2\nyellow = { raise = \"> +2000000%\", clear = \"< +1500000%\" }\n";
}

}  // namespace

std::unique_ptr<Receiver> make_floor() {
    return std::make_unique<Floor>();
}
std::unique_ptr<Receiver> make_bare() {
    return std::make_unique<Bare>();
}
std::unique_ptr<Receiver> make_surged(const std::string& config) {
    return std::make_unique<Surged>(config);
}

std::unique_ptr<Receiver> make_surged_learned(const std::string& config, std::size_t queues) {
    auto receiver = std::make_unique<Surged>(config);
    receiver->learn(queues);
    return receiver;
}

std::string threshold_rules(const std::string& name, double factor) {
    std::string out;
    for (const StreamMetric& metric : stream_metrics()) {
        out += threshold_rule(name + "-" + std::string(metric.name), metric, factor, "");
    }
    return out;
}

std::string rate_rules(const std::string& window, const std::string& versus) {
    std::string out;
    for (const StreamMetric& metric : stream_metrics()) {
        out += rate_rule("rate-" + std::string(metric.name), metric, window, versus, "");
    }
    return out;
}

std::string staffing_rules() {
    // As in rules/voice.toml and rules/staffing.toml, but for the limits.
    return R"([[rule]]
id = "offered-unusual"
kind = "baseline"
metric = "offered"
slot = "5m"
floor = "5 calls"
min_history = "10 days"
yellow = { raise = "> 290", clear = "< 280" }
[[rule]]
id = "agents-missing"
kind = "shortfall"
target = "80/20"
max_occupancy = 0.9
window = "5m"
aht = "3m"
patience = "5m"
lead = "5m"
clear_within = "10m"
yellow = { raise = "> 9000", clear = "< 8000" }
)";
}

std::string thousand_rules(const std::string& window, const std::string& versus) {
    std::string out;
    for (std::size_t centre = 0; centre < centres_max; ++centre) {
        const std::string name = centre_name(centre * 100);
        const std::string scope = "scope = { centre = \"" + name + "\" }\n";
        for (const StreamMetric& metric : stream_metrics()) {
            const std::string id = name + "-" + std::string(metric.name);
            out += metric.counter ? rate_rule(id, metric, window, versus, scope) : threshold_rule(id, metric, 1, scope);
        }
    }
    return out;
}

}  // namespace surged::bench
