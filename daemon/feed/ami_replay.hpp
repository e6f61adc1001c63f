// A recorded manager session through the state, on the recording's own time: for tests, for a look at a strange switch, and for a
// recording somebody sends. Refuses to know files.
//
// A recording is what was received, byte for byte. Lines that begin with '#' are notes between blocks, all optional:
// "# connected at <s>", "# connection lost at <s>", "# sent at <s>: Action: QueueStatus | ActionID: x", the same of Login with its Events. Times are those of the events.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "feed/ami_feed.hpp"
#include "feed/ami_parser.hpp"
#include "feed/ami_state.hpp"

namespace surged {

class AmiReplay {
public:
    /// Borrows `state`. `before(now_ms)` is called before anything is folded that came at `now_ms`: the state is what it was up to then.
    AmiReplay(AmiState& state, std::function<bool(std::int64_t now_ms)> before = {}) : state_(state), before_(std::move(before)) {}

    /// The whole recording. False: `before` stopped it.
    bool run(std::string_view recording);
    /// Time of the last thing in it, ms of the switch's clock; 0 = it has no time at all.
    std::int64_t now_ms() const { return now_ms_; }
    const AmiParser& parser() const { return parser_; }
    std::uint64_t events() const { return events_; }
    /// The state is whole: the recording has had a list in this connection, or has none up to here and will be taken as it is.
    bool tells() const { return connected_ && (state_.current() || lists_ == 0); }

private:
    bool at(std::int64_t ms);
    bool note(std::string_view line);
    bool block(const AmiBlock& block);

    AmiState& state_;
    std::function<bool(std::int64_t)> before_;
    AmiParser parser_;
    std::string list_;  // ActionID of the list under way
    std::int64_t now_ms_ = 0;
    std::uint64_t events_ = 0;
    std::uint64_t lists_ = 0;
    bool connected_ = false;
    bool asks_causes_ = true;
};

}  // namespace surged
