// Many people called at once: what deciding it costs a person, and what hearing of their outcomes does. Ten times as many people may cost ten
// times as much and little more: whoever counts all seats anew for each of them is found by the ratio.
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "child.hpp"
#include "config/settings.hpp"
#include "config_text.hpp"
#include "core/engine/engine.hpp"
#include "wire/decode.hpp"
#include "wire/record_json.hpp"
#include "work.hpp"

namespace surged::bench {
namespace {

void require(bool good, const char* what) {
    if (!good) {
        give_up(std::string("the work of many people: ") + what);
    }
}

class Crowd {
public:
    explicit Crowd(int people) : engine_(plan_of(people)), decoder_(engine_.plan().limits), people_(static_cast<std::size_t>(people)) {}

    /// A centre's breach is decided, and its records are what the store is given.
    void breach(int centre) {
        ++seq_;
        const auto text = R"({"v":1,"source":"acd-1","epoch":1,"seq":)" + std::to_string(seq_) + R"(,"ts":)" +
                          std::to_string(start_ms + seq_ * 1000) + R"(,"queues":[{"centre":"tk)" + std::to_string(centre) +
                          R"(","queue":"general","m":{"calls_waiting":5000}}]})";
        const auto padded = text + std::string(64, ' ');
        require(!decoder_.decode({padded.data(), text.size()}, message_, dropped_), "its message is refused");
        engine_.ingest(message_, stamp());
        take();
        require(out_.orders.size() == people_, "not everybody is called");
    }
    /// All of them were taken by their provider, a tenth of them in each turn of the loop, and nobody has answered yet.
    void outcomes() {
        std::vector<SendOutcome> all;
        for (const auto& order : out_.orders) {
            SendOutcome outcome;
            outcome.page = order.page;
            outcome.attempt = order.attempt;
            outcome.outcome = OutcomeClass::ok;
            all.push_back(std::move(outcome));
        }
        constexpr std::size_t turns = 10;
        const auto each = people_ / turns;
        for (std::size_t turn = 0; turn < turns; ++turn) {
            engine_.outcomes(std::span(all).subspan(turn * each, each), stamp());
            take();
            require(out_.records.size() == each, "an outcome is one record");
        }
    }

private:
    static std::unique_ptr<const Plan> plan_of(int people) {
        auto loaded = parse_config("bench.toml", burst_config("http://127.0.0.1:9/", "", people));
        require(loaded.ok(), "its configuration");
        return std::move(loaded.plan);
    }
    static constexpr std::int64_t start_ms = 1795330800000;
    Stamp stamp() const { return {engine_time(start_ms + seq_ * 1000 + 20), wall_time(start_ms + seq_ * 1000 + 20)}; }
    void take() {
        out_.clear();
        engine_.take(out_);
        std::size_t bytes = 0;
        for (const auto& record : out_.records) {
            bytes += encode(record).size();
        }
        require(bytes > 0, "nothing was decided");
    }

    Engine engine_;
    Decoder decoder_;
    std::size_t people_;
    Message message_;
    RefusalCounts dropped_{};
    Decisions out_;
    std::int64_t seq_ = 0;
};

}  // namespace

/// Never inlined: callgrind counts what is done in them.
extern "C" [[gnu::noinline]] void surged_guard_calls(void* crowd) {
    static_cast<Crowd*>(crowd)->breach(2);
}
extern "C" [[gnu::noinline]] void surged_guard_outcomes(void* crowd) {
    static_cast<Crowd*>(crowd)->outcomes();
}

std::uint64_t call_crowd(int people) {
    Crowd crowd(people);
    crowd.breach(1);
    crowd.outcomes();
    surged_guard_begins();
    surged_guard_calls(&crowd);
    surged_guard_outcomes(&crowd);
    return static_cast<std::uint64_t>(people);
}

}  // namespace surged::bench
