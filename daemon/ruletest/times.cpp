#include "ruletest/times.hpp"

#include <limits>

#include "core/base/clock_text.hpp"
#include "core/base/text.hpp"

namespace surged {

using namespace std::chrono_literals;

namespace {
constexpr Span time_max = 24h * 400;  ///< of one test: a year and a holiday

/// "03:15" or "03:15:20" on the day of the start, or on the next when that is over.
std::optional<CivilTime> time_of_day(const std::string& text, const CivilTime& start) {
    auto civil = parse_civil(date_text(start) + "T" + text);
    if (!civil) {
        return std::nullopt;
    }
    if (civil->second_of_day < start.second_of_day) {
        const auto next = civil_from_days(days_from_civil(start.year, start.month, start.day) + 1);
        civil->year = next.year;
        civil->month = next.month;
        civil->day = next.day;
    }
    return *civil;
}
}  // namespace

bool TestClock::read(const Node& node, std::string_view key, Span& out, Report& report) const {
    const bool civil = node.kind == Node::Kind::text && node.text.find(':') != std::string::npos;
    if (!civil) {
        return read_span(node, key, out, {Span{0}, time_max}, report);
    }
    std::optional<CivilTime> wanted;
    if (node.text.size() <= 8) {
        wanted = time_of_day(node.text, start);
    } else if (const auto whole = parse_civil(node.text)) {
        wanted = *whole;
    }
    const std::string name = "`" + std::string(key) + "`";
    if (!wanted) {
        report.error(node.place, name + ": " + in_quotes(node.text) + " is neither a duration nor a civil time");
        return false;
    }
    const Span after = zone.first_instant(*wanted) - zone.first_instant(start);
    if (after < Span{0} || after > time_max) {
        report.error(node.place, name + ": " + in_quotes(node.text) + " is before the start, or more than 400 days after it");
        return false;
    }
    out = after;
    return true;
}

void TestClock::at(TableReader& in, Span& out) const {
    in.require("at");
    if (const Node* node = in.any("at")) {
        read(*node, "at", out, in.report());
    }
}

void TestClock::between(TableReader& in, Span& from, Span& until) const {
    in.require("between");
    const Node* node = in.any("between");
    if (node == nullptr) {
        return;
    }
    if (node->kind != Node::Kind::array || node->items.size() != 2) {
        return in.error("between", "`between` must be two durations: [\"1m\", \"1m30s\"]");
    }
    if (read(node->items[0], "between", from, in.report()) && read(node->items[1], "between", until, in.report()) &&
        until < from) {
        in.error("between", "`between` ends before it starts");
    }
}

namespace {
TestSpell read_spell(TableReader& in, const TestClock& clock) {
    TestSpell spell;
    clock.between(in, spell.from, spell.until);
    in.text("source", spell.source);
    return spell;
}

TestSpell read_moment(TableReader& in, const TestClock& clock) {
    TestSpell spell;
    clock.at(in, spell.from);
    spell.until = spell.from;
    in.text("source", spell.source);
    return spell;
}

TestRestart read_restart(TableReader& in, const TestClock& clock) {
    TestRestart restart;
    clock.at(in, restart.at);
    in.span("down", restart.down, {Span{0}, 24h * 30});
    return restart;
}

/// "-1h": a duration with a sign.
TestClockStep read_step(TableReader& in, const TestClock& clock) {
    TestClockStep step;
    clock.at(in, step.at);
    in.flag("feeders", step.feeders);
    in.require("step");
    std::string text;
    if (in.text("step", text)) {
        const bool back = text.starts_with('-');
        const auto span = parse_span(back || text.starts_with('+') ? text.substr(1) : text);
        if (!span || *span <= Span{0} || *span > 24h * 3660) {
            in.error("step", "`step`: " + in_quotes(text) + " is no step; write e.g. \"-1h\" or \"+30s\"");
        } else {
            step.step = back ? -*span : *span;
        }
    }
    return step;
}

TestSilence read_silence(TableReader& in, const TestClock& clock) {
    TestSilence silence;
    clock.at(in, silence.at);
    in.require("for");
    in.span("for", silence.lasts, {1s, 24h * 30});
    in.text("rule", silence.rule);
    in.text("centre", silence.centre);
    in.text("queue", silence.queue);
    in.text("by", silence.by);
    return silence;
}

TestSource read_source(TableReader& in, const TestClock& clock) {
    TestSource source;
    source.line = in.place().line;
    clock.at(in, source.at);
    in.text("source", source.source);
    const auto whole = [&](std::string_view key) {
        int value = 0;
        return in.integer(key, value, 0, std::numeric_limits<int>::max()) ? std::optional<int>(value) : std::nullopt;
    };
    source.gaps = whole("gaps");
    source.repeats = whole("repeats");
    source.restarts = whole("restarts");
    if (!source.gaps && !source.repeats && !source.restarts) {
        in.error("at", "[[test.source]] expects nothing: give gaps, repeats or restarts");
    }
    return source;
}
}  // namespace

void read_test_events(TableReader& in, const TestClock& clock, RuleTest& test) {
    const auto with = [&clock](auto read) { return [&clock, read](TableReader& table) { return read(table, clock); }; };
    read_all(in, "restart", test.restarts, with(read_restart));
    read_all(in, "clock", test.clock_steps, with(read_step));
    read_all(in, "lost", test.lost, with(read_spell));
    read_all(in, "repeat", test.repeated, with(read_spell));
    read_all(in, "silent", test.silent, with(read_spell));
    read_all(in, "epoch", test.epochs, with(read_moment));
    read_all(in, "silence", test.silences, with(read_silence));
    read_all(in, "source", test.sources, with(read_source));
}

}  // namespace surged
