// The outbox: every page that has not ended, what became of each, and what is known of the channels by which they leave.
//
// This is state: it changes by records only, in apply(), so that replaying the log makes the same outbox. What is marked derived
// is an index that is rebuilt from the rest and is no part of the bytes. It knows pages and channels, and of incidents only the
// name.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/paging/limits.hpp"
#include "core/paging/page.hpp"

namespace surged {

using TimerSet = std::set<std::pair<EngineTime, std::string>>;  // moment, and what is due then

class Outbox {
public:
    /// What a record changed, for those whose page it is.
    struct Applied {
        bool made = false;                  ///< the page is new
        bool was_sent = false;              ///< an attempt had been made before
        std::vector<std::string> left_out;  ///< whom the page named before, when it names fewer now
    };
    /// nullopt: a record about a page that is not known (any more). `has_incident`: the incident of the page is known.
    std::optional<Applied> apply(const PageChange& change, bool has_incident, EngineTime at);
    void forget(const std::string& key);
    /// What has not ended may have left: it counts as an attempt whose outcome is lost.
    void doubt_what_waits();
    /// Counts what was decided, for the metrics of this process.
    void count(const PageChange& change) { ++outcomes[change.channel][std::string(to_string(change.state))]; }
    /// State of a channel. Read-only lookup: never inserts, because only records change the state.
    const ChannelState& channel(const std::string& id) const;
    /// Every index from the pages.
    void rebuild();

    // replayed
    std::uint64_t pages_made = 0;
    std::uint64_t tests_made = 0;
    std::map<std::string, Page> pages;
    std::map<std::string, ChannelState> channels;
    std::map<std::string, PersonLog> person_logs;  ///< of those who were paged by an incident with a cap

    // derived
    TimerSet timers;                                              ///< every page that has not ended, at its due
    std::map<std::string, std::set<std::string>> riders;        ///< carrier -> pages under way as part of its message
    std::map<std::string, std::set<std::string>> alone;         ///< person -> pages that have not ended and are for them alone
    std::map<std::string, std::map<int, std::size_t>> waiting;  ///< channel -> priority -> pages that have not left
    std::map<std::string, std::size_t> awaited;                 ///< channel -> pages that await receipts
    std::map<std::pair<std::string, std::string>, std::set<std::string>> messages;  ///< (channel, provider's id) -> pages
    using Counts = std::map<std::string, std::map<std::string, std::uint64_t>>;
    Counts outcomes;  ///< channel -> state word -> count, this process
    Counts receipts;  ///< channel -> what came of them -> count, this process

    template <typename V>
    void fields(V& v) {
        v(pages_made), v(tests_made), v(pages), v(channels), v(person_logs);
    }

private:
    void track(const std::string& key, const Page& page, int sign);
    void follow_receipt(const PageChange& change);
};

/// The record of a change of this page: as it is, but for state and reason.
PageChange page_change(const Outbox& outbox, const std::string& key, PageState state, std::string reason = {});

/// The action's id in the key of its page; ids have no slash.
std::string action_in(const std::string& page);

}  // namespace surged
