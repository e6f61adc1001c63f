// What happens to the feed, the clock and surged itself in a rule test, and what is expected of feeders: read and checked.
#include <limits>

#include "core/base/text.hpp"
#include "ruletest/times.hpp"

namespace surged {

using namespace std::chrono_literals;

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
