#include <fstream>
#include <iostream>
#include <iterator>

#include "feed/ami_replay.hpp"
#include "feed/queue_log_summary.hpp"
#include "feed/recorder.hpp"
#include "feed/run_ami.hpp"
#include "wire/json_text.hpp"

namespace surged {

namespace {
constexpr std::size_t recording_max = std::size_t{1} << 30U;
constexpr std::int64_t gap_max_ms = 24LL * 3600 * 1000;  // a longer hole is jumped over without messages

std::string ami_summary(const AmiState& state, const AmiReplay& replay) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().key("queues").begin_object();
    for (const auto& [key, queue] : state.queues()) {
        json.key(queue.name).begin_object();
        write_sums(json, queue.total(), queue.waiting());
        json.end_object();
    }
    const auto& odd = state.oddities();
    json.end_object().field("events", replay.events()).field("unknown_events", state.unknown_events());
    json.field("epochs", state.epochs() + 1).field("causes_told", state.told().any()).key("oddities").begin_object();
    json.field("count_differs", odd.count_differs).field("lost_leaves", odd.lost_leaves);
    json.field("missed_joins", odd.missed_joins).field("late_connects", odd.late_connects);
    json.field("repeats", odd.repeats).field("unknown_connects", odd.unknown_connects).field("over_limit", odd.over_limit);
    json.field("bad_lists", odd.bad_lists).end_object().end_object();
    return out;
}

bool read_whole(const std::string& file, std::string& text, std::ostream& err) {
    std::ifstream opened;
    if (file != "-") {
        opened.open(file, std::ios::binary);
    }
    std::istream& in = file == "-" ? std::cin : opened;
    while (in && text.size() < recording_max) {
        const auto before = text.size();
        text.resize(before + (std::size_t{1} << 20U));
        in.read(text.data() + before, std::streamsize{1} << 20U);
        text.resize(before + static_cast<std::size_t>(in.gcount()));
    }
    if (text.empty() || in.bad() || text.size() >= recording_max) {
        err << file << ": " << (text.size() >= recording_max ? "longer than 1 GiB" : "cannot be read, or is empty") << '\n';
        return false;
    }
    return true;
}
}  // namespace

int run_feed_ami_replay(const AmiRunOptions& options, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) {
    std::string text;
    if (!read_whole(options.replay, text, err)) {
        return 2;
    }
    AmiState state(options.state);
    const AmiReplay* replayed = nullptr;
    Recorder recorder(out);
    const auto write = [&](const Message& message) { return !stop && recorder.write(message); };
    std::unique_ptr<AmiFeed> feed;
    const auto period = options.every.count();
    std::int64_t next_ms = 0;
    const auto until = [&](std::int64_t now_ms) {
        if (options.summary) {
            return true;
        }
        if (feed == nullptr) {
            auto how = options.feed;
            how.source = options.live.source;
            how.epoch = how.epoch != 0 ? how.epoch : static_cast<std::uint64_t>(now_ms);
            feed = std::make_unique<AmiFeed>(how, state);
        }
        if (next_ms == 0 || now_ms - next_ms > gap_max_ms) {
            next_ms = (now_ms / period + 1) * period;
        }
        for (; next_ms <= now_ms; next_ms += period) {
            state.advance(next_ms);
            if (replayed->tells() && !feed->emit(AmiFeed::Which::all, next_ms, next_ms, write)) {
                return false;
            }
        }
        return true;
    };
    AmiReplay replay(state, until);
    replayed = &replay;
    const bool whole = replay.run(text) && until(replay.now_ms() + period);
    if (options.summary) {
        state.advance(replay.now_ms() + SwitchLists::every_ms);
        out << ami_summary(state, replay) << std::endl;
    }
    return whole && out && replay.events() > 0 ? 0 : 1;
}

}  // namespace surged
