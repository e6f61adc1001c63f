#include "ruletest/format.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <limits>

#include "config/document.hpp"
#include "config/reader.hpp"
#include "config/zones.hpp"
#include "os/file.hpp"
#include "ruletest/times.hpp"

namespace surged {
namespace {

constexpr std::size_t file_bytes_max = 4U << 20U;

/// The names of an enumeration, from its own to_string().
template <typename T, std::size_t size>
std::array<std::pair<std::string_view, T>, size> words(const std::array<T, size>& values) {
    std::array<std::pair<std::string_view, T>, size> out;
    for (std::size_t i = 0; i < size; ++i) {
        out[i] = {to_string(values[i]), values[i]};
    }
    return out;
}

constexpr std::array answer_kinds{AnswerKind::join, AnswerKind::decline, AnswerKind::ack, AnswerKind::leave, AnswerKind::arrive};
constexpr std::array alert_states{AlertState::unknown, AlertState::ok, AlertState::pending, AlertState::firing,
                                  AlertState::clearing};
constexpr std::array levels{Level::none, Level::yellow, Level::orange, Level::red};
constexpr std::array purposes{PagePurpose::first, PagePurpose::remind,     PagePurpose::need,  PagePurpose::update,
                              PagePurpose::blind, PagePurpose::stand_down, PagePurpose::close, PagePurpose::repeat_round,
                              PagePurpose::test,  PagePurpose::admin,      PagePurpose::data_back};

template <typename T, std::size_t size>
std::optional<T> choice(TableReader& in, std::string_view key, const std::array<T, size>& values) {
    T value{};
    return in.choice(key, value, words(values)) ? std::optional<T>(value) : std::nullopt;
}
std::optional<int> whole(TableReader& in, std::string_view key) {
    int value = 0;
    return in.integer(key, value, 0, std::numeric_limits<int>::max()) ? std::optional<int>(value) : std::nullopt;
}
void needed(TableReader& in, std::string_view key, std::string& out) {
    in.require(key);
    in.text(key, out);
}
QueueKey queue_of(TableReader& in) {
    QueueKey queue;
    needed(in, "centre", queue.centre);
    needed(in, "queue", queue.queue);
    in.text("channel", queue.channel);
    return queue;
}
/// A text of any length: series and inline configurations are longer than names.
const Node* long_text(TableReader& in, std::string_view key) {
    const Node* node = in.any(key);
    if (node != nullptr && node->kind != Node::Kind::text) {
        in.error(key, "`" + std::string(key) + "` must be a string, not " + std::string(to_string(node->kind)));
        return nullptr;
    }
    return node;
}

TestFeed read_feed(TableReader& in) {
    TestFeed feed;
    in.text("source", feed.source);
    feed.queue = queue_of(in);
    needed(in, "metric", feed.metric);
    in.require("values");
    if (const Node* node = long_text(in, "values")) {
        if (auto samples = parse_series(node->text)) {
            feed.values = std::move(*samples);
        } else {
            in.error("values", samples.error().message);
        }
    }
    if (!feed.metric.empty() && !metric_name_valid(feed.metric)) {
        in.error("metric", in_quotes(feed.metric) + " is no metric name: wanted [a-z][a-z0-9_]*");
    }
    return feed;
}

TestAnswer read_answer(TableReader& in, const TestClock& clock) {
    TestAnswer answer;
    clock.at(in, answer.at);
    needed(in, "person", answer.person);
    in.require("say");
    answer.say = choice(in, "say", answer_kinds).value_or(AnswerKind::join);
    in.text("policy", answer.policy);
    return answer;
}

TestExpect read_expect(TableReader& in, const TestClock& clock) {
    TestExpect expect;
    expect.line = in.place().line;
    clock.at(in, expect.at);
    needed(in, "rule", expect.rule);
    expect.queue = queue_of(in);
    expect.state = choice(in, "state", alert_states);
    expect.level = choice(in, "level", levels);
    if (bool stale = false; in.flag("stale", stale)) {
        expect.stale = stale;
    }
    if (bool muted = false; in.flag("muted", muted)) {
        expect.muted = muted;
    }
    if (bool folded = false; in.flag("folded", folded)) {
        expect.folded = folded;
    }
    if (bool flapping = false; in.flag("flapping", flapping)) {
        expect.flapping = flapping;
    }
    constexpr std::array<const char*, 6> wishes{"state", "level", "stale", "muted", "folded", "flapping"};
    const bool something = std::ranges::any_of(wishes, [&in](const char* key) { return in.has(key); });
    if (!something) {
        in.error("rule", "[[test.expect]] expects nothing: give state, level, stale, muted, folded or flapping");
    }
    return expect;
}

TestIncident read_incident(TableReader& in, const TestClock& clock) {
    TestIncident incident;
    incident.line = in.place().line;
    clock.at(in, incident.at);
    needed(in, "policy", incident.policy);
    constexpr std::array<std::string_view, 7> states{"none", "paging", "filled", "exhausted", "resolving", "resolved", "closed"};
    std::array<std::pair<std::string_view, std::string_view>, states.size()> known;
    std::transform(states.begin(), states.end(), known.begin(), [](std::string_view state) { return std::pair{state, state}; });
    if (std::string_view state; in.choice("state", state, known)) {
        incident.state = std::string(state);
    }
    incident.level = choice(in, "level", levels);
    incident.tier = whole(in, "tier");
    incident.joined = whole(in, "joined");
    incident.need = whole(in, "need");
    if (!in.has("state") && !in.has("level") && !in.has("tier") && !in.has("joined") && !in.has("need")) {
        in.error("policy", "[[test.incident]] expects nothing: give state, level, tier, joined or need");
    }
    return incident;
}

TestPages read_pages(TableReader& in, const TestClock& clock, bool none) {
    TestPages pages;
    pages.none = none;
    pages.line = in.place().line;
    clock.between(in, pages.from, pages.until);
    pages.tier = whole(in, "tier");
    in.text("policy", pages.policy);
    pages.purpose = choice(in, "purpose", purposes);
    if (none) {
        pages.count = 0;
        return pages;
    }
    pages.count = whole(in, "count");
    if (std::vector<PlacedText> people; in.texts("people", people)) {
        pages.people.emplace();
        for (const PlacedText& person : people) {
            pages.people->insert(person.text);
        }
    }
    if (!in.has("count") && !in.has("people")) {
        in.error("between", "[[test.pages]] expects nothing: give count or people");
    }
    return pages;
}

TestActions read_actions_of(TableReader& in, const TestClock& clock) {
    TestActions actions;
    actions.line = in.place().line;
    clock.between(in, actions.from, actions.until);
    needed(in, "action", actions.action);
    in.text("policy", actions.policy);
    in.flag("undo", actions.undo);
    in.integer("count", actions.count, 0, std::numeric_limits<int>::max());
    return actions;
}

RuleTest read_test(TableReader& in) {
    RuleTest test;
    test.line = in.place().line;
    needed(in, "name", test.name);
    in.text("timezone", test.timezone);
    in.span("every", test.every, {Span{100}, std::chrono::hours{24}});
    std::string start;
    needed(in, "start", start);
    if (!start.empty()) {
        if (const auto civil = parse_civil(start)) {
            test.start = *civil;
        } else {
            in.error("start", civil.error().message);
        }
    }
    read_all(in, "history", test.histories, [](TableReader& t) {
        TestHistory history;
        history.queue = queue_of(t);
        read_test_history(t, history);
        return history;
    });
    TestClock clock;
    clock.start = test.start;
    if (auto zone = load_zone(test.timezone)) {
        clock.zone = std::move(*zone);
    } else {
        in.error("timezone", zone.error().message);
    }
    read_all(in, "feed", test.feeds, read_feed);
    read_all(in, "answer", test.answers, [&](TableReader& t) { return read_answer(t, clock); });
    read_all(in, "expect", test.expects, [&](TableReader& t) { return read_expect(t, clock); });
    read_all(in, "incident", test.incidents, [&](TableReader& t) { return read_incident(t, clock); });
    read_all(in, "pages", test.pages, [&](TableReader& t) { return read_pages(t, clock, false); });
    read_all(in, "no_page", test.pages, [&](TableReader& t) { return read_pages(t, clock, true); });
    read_all(in, "action", test.actions, [&](TableReader& t) { return read_actions_of(t, clock); });
    read_test_events(in, clock, test);
    if (test.expects.empty() && test.incidents.empty() && test.pages.empty() && test.sources.empty() && test.actions.empty()) {
        in.error("name",
                 "this test expects nothing: add [[test.expect]], [[test.incident]], [[test.pages]], [[test.no_page]] or "
                 "[[test.action]]");
    }
    in.finish();
    return test;
}

void read_root(TableReader& in, TestFile& file) {
    const std::filesystem::path folder = std::filesystem::path(file.path).parent_path();
    if (!in.has("extra")) {
        in.require("config");
    }
    if (std::vector<PlacedText> configs; in.text_or_texts("config", configs)) {
        for (const PlacedText& config : configs) {
            file.configs.push_back((folder / config.text).lexically_normal().string());
        }
    }
    if (const Node* extra = long_text(in, "extra")) {
        file.extra = extra->text;
    }
    const auto tests = in.tables("test");
    for (const Node* node : tests) {
        TableReader table(*node, "[[test]]", in.report());
        file.tests.push_back(read_test(table));
    }
    if (tests.empty() && !in.has("test")) {
        in.error("test", "no [[test]] in this file");
    }
    in.finish();
}

}  // namespace

bool TestFile::ok() const {
    return std::ranges::none_of(diagnostics, [](const Diagnostic& d) { return d.severity == Severity::error; });
}

TestFile parse_test_file(const std::string& path, const std::string& text) {
    TestFile file;
    file.path = path;
    const SourceFile source{path, text, 0};
    const auto root = parse_document(source);
    if (!root) {
        file.diagnostics.push_back({Severity::error, path, root.error().line, root.error().col, root.error().message});
        return file;
    }
    Report report;
    TableReader in(*root, "the test file", report);
    read_root(in, file);
    file.diagnostics = report.take();
    return file;
}

TestFile load_test_file(const std::string& path) {
    const auto text = read_file(path, file_bytes_max + 1);
    if (!text || text->empty() || text->size() > file_bytes_max) {
        const bool unreadable = !text && text.error() != EISDIR;
        TestFile file;
        file.path = path;
        file.diagnostics.push_back(
            {Severity::error, path, 0, 0, unreadable ? "cannot read this file" : "empty, a folder, or more than 4 MiB"});
        return file;
    }
    return parse_test_file(path, *text);
}

}  // namespace surged
