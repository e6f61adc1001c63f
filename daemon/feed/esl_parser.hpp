// Bytes of FreeSWITCH's event socket -> frames: a head of "Key: value" lines, an empty line, and a body of Content-Length bytes; and the
// headers of an event in such a body. Knows the form only; refuses to know what a frame means.
//
// The hardest rule: a length that comes from outside reserves nothing. A body grows as its bytes come, what is beyond the bound is
// dropped and said, and a head that cannot be read ends the stream, for nothing says where the next one begins.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace surged {

/// One frame. Its text is the parser's, until the call that handed it over returns.
struct EslFrame {
    std::string_view type;   ///< Content-Type: "auth/request", "command/reply", "api/response", "text/event-plain" ...
    std::string_view reply;  ///< Reply-Text
    std::string_view body;
    bool cut = false;  ///< the body had more than fits
};

class EslParser {
public:
    struct Bounds {
        std::size_t line = 8192;                    ///< bytes of a line of the head
        std::size_t lines = 64;                     ///< of a head
        std::size_t body = std::size_t{16} << 20U;  ///< bytes
    };
    struct Stats {
        std::uint64_t frames = 0;
        std::uint64_t cut_bodies = 0;
    };

    EslParser() : EslParser(Bounds{}) {}
    explicit EslParser(Bounds bounds) : bounds_(bounds) {}

    /// Calls `each(const EslFrame&)` for every frame that has ended. Nothing more once broken().
    template <typename Each>
    void feed(std::string_view bytes, Each&& each) {
        while (!bytes.empty() && !broken_) {
            if (in_body_ ? take_body(bytes) : take_head(bytes)) {
                const auto frame = finish();
                each(frame);
            }
        }
    }
    /// Another connection begins.
    void restart();
    /// What came is no event socket's: a line or a head without an end, a length that is none.
    bool broken() const { return broken_; }
    const Stats& stats() const { return stats_; }

private:
    /// Each takes some of the bytes; true: a frame has ended.
    bool take_body(std::string_view& bytes);
    bool take_head(std::string_view& bytes);
    bool end_of_line();
    EslFrame finish();

    Bounds bounds_;
    std::string line_;
    std::string type_;
    std::string reply_;
    std::string body_;
    std::uint64_t body_left_ = 0;
    std::size_t lines_ = 0;
    bool in_body_ = false;
    bool cut_ = false;
    bool ended_ = false;  ///< the last frame was handed over
    bool broken_ = false;
    Stats stats_;
};

/// The headers of one event, as text/event-plain has them: values are percent-encoded.
class EslEvent {
public:
    /// Its text is this object's until the next read(). Headers beyond `most` are left out.
    void read(std::string_view body, std::size_t most = 2048);
    /// The first header of this name, in any case of its letters; empty when there is none.
    std::string_view get(std::string_view key) const;
    /// A whole number that fills its value.
    std::optional<std::int64_t> number(std::string_view key) const;
    /// Event-Date-Timestamp in ms: when it was made, on the switch's clock. nullopt: none, or no time of these centuries.
    std::optional<std::int64_t> stamp_ms() const;
    std::size_t size() const { return fields_.size(); }

private:
    std::string text_;
    std::vector<std::pair<std::string_view, std::string_view>> fields_;
};

}  // namespace surged
