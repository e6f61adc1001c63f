#include "feed/run_watch.hpp"

#include <algorithm>
#include <chrono>

#include "core/base/clock_text.hpp"
#include "core/base/text.hpp"
#include "core/series/refusal_book.hpp"
#include "io/zmq/subscriber.hpp"
#include "wire/json_text.hpp"

namespace surged {

namespace {

constexpr std::string_view report_topic = "feed.";
constexpr std::size_t lines_a_turn = 256;

WallTime time_in(const JsonValue& json, std::string_view name) {
    const JsonValue* const at = json.find(name);
    return wall_time(at == nullptr ? 0 : at->integer().value_or(0));
}

std::uint64_t count_in(const JsonValue& json, std::string_view name) {
    const JsonValue* const count = json.find(name);
    return count == nullptr ? 0 : count->natural().value_or(0);
}

/// The topic of a source is the beginning of another's.
bool watched(const WatchOptions& options, std::string_view topic) {
    return topic.starts_with(report_topic) &&
           (options.sources.empty() ||
            std::find(options.sources.begin(), options.sources.end(), topic.substr(report_topic.size())) != options.sources.end());
}

}  // namespace

std::string watch_line(std::string_view payload, const Zone& zone) {
    const auto json = parse_json(payload);
    if (!json || json->find("source") == nullptr || json->find("reason") == nullptr) {
        return {};
    }
    RefusalNote note;
    note.field = json->text_or("field", "");
    note.got = json->text_or("got", "");
    note.want = json->text_or("want", "");
    std::string line = clock_text(zone, time_in(*json, "ts")) + " " + json->text_or("source", "?") + ": " +
                       std::to_string(count_in(*json, "more")) + " refused, " + json->text_or("reason", "?") + ": " + note.text();
    if (const auto count = count_in(*json, "count"); count > count_in(*json, "more")) {
        line += " (" + std::to_string(count) + " since " + civil_text(time_in(*json, "first"), zone) + ")";
    }
    return shown_safely(line);
}

int run_feed_watch(const WatchOptions& options, const Zone& zone, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) {
    SubscriberSettings settings;
    settings.endpoint = options.endpoint;
    settings.curve = options.curve;
    settings.notices_peer = true;
    settings.topics.clear();
    for (const auto& source : options.sources) {
        settings.topics.push_back(std::string(report_topic) + source);
    }
    if (settings.topics.empty()) {
        settings.topics.emplace_back(report_topic);
    }
    auto subscriber = Subscriber::open(settings);
    if (!subscriber) {
        err << subscriber.error().message << '\n';
        return 2;
    }
    const auto began = std::chrono::steady_clock::now();
    const auto over = [&](Span most) { return std::chrono::steady_clock::now() - began >= most; };
    bool reached = false;
    std::uint64_t lines = 0;
    const auto wanted = [&] { return options.lines_max == 0 || lines < options.lines_max; };
    while (!stop && wanted() && out.good() && (options.duration == Span{0} || !over(options.duration))) {
        (*subscriber)->receive(Span{100}, lines_a_turn, [&](std::string_view topic, std::string_view payload) {
            const std::string line = watched(options, topic) && wanted() ? watch_line(payload, zone) : std::string();
            if (!line.empty()) {
                ++lines;
                out << (options.json ? std::string(payload) : line) << std::endl;
            }
        });
        if (const bool met = (*subscriber)->met(); met && !reached) {
            reached = true;
            err << "event=watching endpoint=" << options.endpoint << std::endl;
        }
        if (!reached && over(options.reach_within)) {
            break;
        }
    }
    if (!reached && !stop) {
        err << options.endpoint << ": nothing answers there that lets us in; is it [ingest] report of a running surged, and the keys its own?\n";
        return 3;
    }
    return lines > 0 || stop ? 0 : 1;
}

}  // namespace surged
