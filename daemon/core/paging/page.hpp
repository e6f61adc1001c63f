// One page: a message to one destination for one purpose, as its records have it by now.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/record/record.hpp"

namespace surged {

struct Page {
    std::string incident;  ///< empty = a test page
    PageState state = PageState::queued;
    int tier = 0;
    std::vector<std::string> people;
    std::string channel;
    PagePurpose purpose = PagePurpose::first;
    int attempt = 0;
    bool repeat = false;
    bool sent = false;  ///< an attempt was made
    EngineTime due{};
    EngineTime deadline{};
    std::uint64_t number = 0;  ///< order of making, over all incidents
    std::string reason;
    std::string carrier;  ///< while sending: the page whose message speaks for it; empty = its own
    std::string message;  ///< see PageChange
    std::vector<std::string> received;
    std::vector<std::string> lost;
    int doubts = 0;                 ///< attempts of which nobody knows what became
    std::vector<std::string> late;  ///< derived: of whom a receipt came too late and was noted, this process
    template <typename V>
    void fields(V& v) {
        v(incident), v(state), v(tier), v(people), v(channel), v(purpose), v(attempt), v(repeat), v(sent), v(due), v(deadline),
            v(number), v(reason), v(carrier), v(message), v(received), v(lost), v(doubts);
    }
};

/// It has not left, or is to be tried again.
inline bool waits(const Page& page) {
    return !terminal(page.state) && page.state != PageState::sending;
}

}  // namespace surged
