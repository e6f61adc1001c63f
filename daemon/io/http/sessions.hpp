// Logins of browsers: a code that works once and for two minutes becomes a cookie, which stands for the token it was made from.
//
// The hardest rule: a cookie is worth no more than its token. It is signed with the token and looked up among the tokens in force, so it
// ends with its token, and another daemon with the same file knows it too. Nothing here is kept in a file.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.hpp"
#include "io/http/tokens.hpp"

namespace surged {

class Sessions {
public:
    /// "surged_session_9847": browsers send a host's cookies to all of its ports, so each daemon of a host has a name of its own. Daemons
    /// that stand for each other behind one address listen on one port, and know each other's logins.
    static std::string cookie_name(int port) { return "surged_session_" + std::to_string(port); }
    static constexpr std::chrono::seconds code_life{120};
    /// A wall, which acts on nothing, is logged in once a month; whoever may act once a shift.
    static constexpr std::chrono::seconds viewer_life{30 * 24 * 3600};
    static constexpr std::chrono::seconds acting_life{12 * 3600};
    static constexpr std::size_t codes_max = 256;    ///< waiting at once; beyond it the oldest ends
    static constexpr std::size_t ended_max = 65536;  ///< logged out and not yet over

    /// Borrowed.
    explicit Sessions(const TokenTable& tokens) : tokens_(tokens) {}

    struct Opened {
        Caller caller;
        std::string value;  ///< of the cookie
        std::chrono::seconds life{0};
    };

    /// A code for whoever shows this token; nullopt: the token is not known, or there are no random numbers.
    std::optional<std::string> code_for(std::string_view authorization, WallTime now);
    /// What the code stands for; it is used up. nullopt: unknown, used, too old, or its token is gone.
    std::optional<Opened> open_by_code(const std::string& code, WallTime now);
    std::optional<Opened> open_by_token(std::string_view authorization, WallTime now) const;
    /// Who shows this cookie; nullopt: over, ended, or not ours.
    std::optional<Caller> find(std::string_view value, WallTime now) const;
    /// It counts no more.
    void end(std::string_view value, WallTime now);

private:
    struct Code {
        std::string authorization;
        WallTime until{};
    };
    const TokenTable& tokens_;
    mutable std::mutex mutex_;
    std::map<std::string, Code> codes_;
    std::map<std::string, WallTime> ended_;  ///< by the cookie's value, until when it would have counted
};

/// The value of this cookie in a Cookie header; empty = it is not there.
std::string_view cookie_in(std::string_view header, std::string_view name);

}  // namespace surged
