// What somebody sees who opens the link of a page on a telephone: the incident, in Chinese and English, and buttons.
//
// Knows HTML and words; refuses to know keys and state. Hardest rule: looking never acts. Mail scanners and chat previews open every
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

/// The page itself. `notice`: what became of the last answer; empty = none. `nonce`: 32 hexadecimal digits, for the style.
std::string link_html(const LinkFacts& facts, std::string_view notice, bool notice_good, std::string_view nonce);

/// Serves /a/<token>. Thread-safe.
class LinkPages {
public:
    static constexpr int tries_max = 5;  ///< of name and number, for one person, from links of a group's chat ...
    static constexpr Span tries_within{600000};
    static constexpr std::size_t tracked_max = 1024;  ///< ... for so many people at once

    explicit LinkPages(ApiBackend& backend) : backend_(backend) {}
    HttpResponse show(const std::string& token);
    HttpResponse act(const std::string& token, std::string_view form);

private:
    struct Tries {
        int count = 0;
        EngineTime since{};
    };
    bool may_try(const std::string& who);

    ApiBackend& backend_;
    std::mutex lock_;
    std::map<std::string, Tries> tries_;
};

}  // namespace surged
