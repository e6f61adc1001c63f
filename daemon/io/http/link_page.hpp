// The page behind the link of a message, made for a telephone: the incident, in Chinese and English, and buttons.
//
// Knows HTML and texts; refuses to know keys and state. Hardest rule: looking never acts. Mail scanners and chat previews open every
// link and some run scripts; only a POST of the form acts, and the page needs no script at all.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "io/http/api.hpp"
#include "io/http/api_router.hpp"

namespace surged {

/// The same refusal as a page, for people who pressed a button or opened a link.
HttpResponse refused_link(const HttpResponse& refusal);

/// Serves /a/<token>. Thread-safe.
class LinkPages {
public:
    static constexpr int tries_max = 5;  ///< wrong numbers for one person by one link of a group's chat from one address ...
    static constexpr Span tries_within{120000};  ///< ... in so long; a right one costs nothing
    static constexpr int client_tries_max = 10;  ///< for one person by all links from one address, so that one alone never ...
    static constexpr int person_tries_max = 20;  ///< ... reaches what counts for all whose address is not known ...
    static constexpr int known_tries_max = 60;   ///< ... or is
    static constexpr std::size_t places_max = 256;  ///< links and addresses with wrong numbers remembered for one person

    explicit LinkPages(ApiBackend& backend) : backend_(backend) {}
    HttpResponse show(const std::string& token);
    /// `client`: the address that a trusted proxy tells; empty = not known, then all such count as one.
    HttpResponse act(const std::string& token, std::string_view form, const std::string& client = {});

private:
    struct Tries {
        int count = 0;
        EngineTime since{};
    };
    /// Wrong numbers for one person. Only people of the configuration are counted, so names that are invented take no room.
    struct Guesses {
        Tries all;
        std::map<std::string, Tries> by_place;  ///< link and address, and address alone
    };
    /// The person of this name and number; else the refusal: true = too many wrong ones lately, false = they do not match.
    Result<std::string, bool> who_presses(const std::string& link, const std::string& client, const std::string& name,
                                          const std::string& last4);

    ApiBackend& backend_;
    std::mutex lock_;
    std::map<std::string, Guesses> guesses_;
};

}  // namespace surged
