// What every live feeder needs to run for years beside a peer that comes and goes: waits between attempts, and a log that says each
// trouble once a minute. Pure: time is handed in. Refuses to know peers and sockets.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"
#include "feed/random.hpp"

namespace surged {

/// The waits between attempts at a peer that is away: about 1, 2, 4 .. 30 s. Each is between half of that and the whole, by chance,
/// so that a hundred feeders of one peer do not come back in the same moment.
class Backoff {
public:
    struct Bounds {
        Span first{1000};
        Span most{30000};
    };
    /// `seed`: of its chance; give each process one of its own.
    explicit Backoff(std::uint64_t seed) : Backoff(seed, Bounds{}) {}
    Backoff(std::uint64_t seed, Bounds bounds) : bounds_(bounds), random_(seed, "backoff"), wait_(bounds.first) {}

    /// An attempt has failed: how long to wait before the next.
    Span next();
    /// It was refused: trying soon would not help.
    Span longest();
    /// An attempt went well.
    void reset() { wait_ = bounds_.first; }

private:
    Bounds bounds_;
    RandomStream random_;
    Span wait_;
};

/// Lines "event=<event> <details>" for a person who reads the journal. A trouble is told at once when it is new, then at most once
/// a minute, with how often it came meanwhile; its end is told when the trouble was. Lines are made safe for a terminal.
class TroubleLog {
public:
    /// Borrows `err`. `on_trouble` hears of every trouble, told or not: a counter.
    explicit TroubleLog(std::ostream& err, std::function<void(std::string_view event)> on_trouble = {}, Span every = Span{60000})
        : err_(err), on_trouble_(std::move(on_trouble)), every_(every) {}

    /// `event` names the kind ("ami_refused"); after a ':' stands what tells several of one kind apart. `details` are `key=value` pairs, put together with quoted(). `now_ms`: any clock that
    /// only goes forward.
    void trouble(std::string_view event, std::string_view details, std::int64_t now_ms);
    /// Something that happens and is no trouble, told as seldom.
    void news(std::string_view event, std::string_view details, std::int64_t now_ms);
    /// The trouble `event` has ended: says `says` when it was told since the last end.
    void ended(std::string_view event, std::string_view says, std::int64_t now_ms);
    /// The same of several that ended together: one line, with the time since the first of them.
    void ended(const std::vector<std::string>& events, std::string_view says, std::int64_t now_ms);
    /// A line that is no trouble. The caller bounds how often.
    void note(std::string_view event, std::string_view details);

    /// `"text"` with its quotes, for a value with blanks: quotes in it become apostrophes, line breaks blanks, and it is cut at 200 characters.
    static std::string quoted(std::string_view text);

private:
    struct Kind {
        std::int64_t told_ms = 0;
        std::int64_t since_ms = 0;
        std::uint64_t untold = 0;  // since told_ms
        bool open = false;
    };
    /// True when it is told now.
    bool tell(Kind& kind, std::string_view event, std::string_view details, std::int64_t now_ms);
    Kind& kind_of(std::string_view event, std::int64_t now_ms);

    std::ostream& err_;
    std::function<void(std::string_view)> on_trouble_;
    Span every_;
    std::map<std::string, Kind, std::less<>> kinds_;  // as many as the program has words for
};

}  // namespace surged
