// Bytes of Asterisk's manager interface -> blocks of "Key: value" lines: events, responses, and the greeting. Knows the form only;
// refuses to know what an event means.
//
// The hardest rule: the peer may send anything. A line longer than the bound costs itself, a block with more fields or bytes than the
// bound loses what is beyond, and memory stays within both whatever comes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "feed/line_splitter.hpp"

namespace surged {

/// One event or response. Its text is the parser's, until the call that handed it over returns.
class AmiBlock {
public:
    struct Field {
        std::string_view key;
        std::string_view value;
    };
    /// The first field of this name, in any case of its letters; empty when there is none.
    std::string_view get(std::string_view key) const;
    /// The same under the first of two names that the block has: they differ between versions.
    std::string_view get(std::string_view key, std::string_view older) const;
    bool has(std::string_view key) const;
    /// A whole number that fills its field; nullopt: none, or no number.
    std::optional<std::int64_t> number(std::string_view key) const;
    /// Seconds with a fraction, as in Timestamp, in ms. nullopt: none, no number, or no time of these centuries.
    std::optional<std::int64_t> time_ms(std::string_view key) const;

    std::string_view event() const { return event_; }        ///< empty: a response
    std::string_view response() const { return response_; }  ///< "Success", "Error"; empty: an event
    const std::vector<Field>& fields() const { return fields_; }

private:
    friend class AmiParser;
    std::vector<Field> fields_;
    std::string_view event_;
    std::string_view response_;
};

class AmiParser {
public:
    struct Bounds {
        std::size_t line = 65536;         ///< bytes
        std::size_t block = 262144;       ///< bytes of all its lines
        std::size_t fields = 512;
    };
    struct Stats {
        std::uint64_t blocks = 0;
        std::uint64_t long_lines = 0;  ///< dropped
        std::uint64_t odd_lines = 0;   ///< without a colon, dropped
        std::uint64_t cut_blocks = 0;  ///< with more than fits
    };

    AmiParser() : AmiParser(Bounds{}) {}
    explicit AmiParser(Bounds bounds) : bounds_(bounds), lines_(bounds.line) {}

    /// Calls `each(const AmiBlock&)` for every block that has ended.
    template <typename Each>
    void feed(std::string_view bytes, Each&& each) {
        lines_.feed(bytes, [&](std::string_view line, bool too_long) {
            if (!line.empty() || too_long) {
                take(line, too_long);
            } else if (const AmiBlock* block = finish()) {
                each(*block);
            }
        });
    }
    /// Another connection begins.
    void restart();

    /// The greeting's version, "11.0.0"; empty before it has come. It is a line of its own, with no empty line after it.
    const std::string& version() const { return version_; }
    const Stats& stats() const { return stats_; }

private:
    struct Place {
        std::size_t key, key_size, value, value_size;
    };
    void take(std::string_view line, bool too_long);
    const AmiBlock* finish();

    Bounds bounds_;
    LineSplitter lines_;
    std::string text_;
    std::vector<Place> places_;
    AmiBlock block_;
    bool cut_ = false;
    std::string version_;
    Stats stats_;
};

}  // namespace surged
