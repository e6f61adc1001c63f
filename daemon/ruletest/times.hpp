// Times in a test file: durations after its start, or civil time in its zone. Private to the room.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/reader.hpp"
#include "core/base/zone.hpp"
#include "ruletest/format.hpp"

namespace surged {

struct TestClock {
    CivilTime start;
    Zone zone;

    /// "1m30s", "03:15", "2026-03-29T03:15:00" -> the time after the start. False, and reported, when it is none of these or
    /// before it.
    bool read(const Node& node, std::string_view key, Span& out, Report& report) const;
    /// The key `at`, which must be there.
    void at(TableReader& in, Span& out) const;
    /// The key `between`: two times.
    void between(TableReader& in, Span& from, Span& until) const;
};

/// Reads every table of the array `key` with `read` into `out`.
template <typename T, typename F>
void read_all(TableReader& in, std::string_view key, std::vector<T>& out, F read) {
    for (const Node* node : in.tables(key)) {
        TableReader table(*node, "[[test." + std::string(key) + "]]", in.report());
        out.push_back(read(table));
        table.finish();
    }
}

/// What happens to the feed, the clock and surged itself, and what is expected of feeders.
void read_test_events(TableReader& in, const TestClock& clock, RuleTest& test);

}  // namespace surged
