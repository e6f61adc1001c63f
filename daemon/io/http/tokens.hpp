// Authorisation. It knows bearer tokens and four roles; it refuses to know sockets and requests.
//
// The hardest rule: nothing about a token leaks. The file must be closed to others, tokens are compared in constant time over the
// whole table, and neither an error nor a log ever shows one.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace surged {

/// Rising: each role may do all that the ones before it may.
enum class Role : std::uint8_t { viewer, responder, lead, admin };
std::string_view to_string(Role role);
std::optional<Role> role_from(std::string_view text);

/// An authenticated caller.
struct Caller {
    Role role = Role::viewer;
    std::string person;  ///< the person this token is bound to; empty = none
    std::string name;    ///< for the records: the person, else the role, else "local"
};

class TokenTable {
public:
    /// Bounds: 64 KiB of file, 4,096 tokens, a token 16..256 printable characters without blanks.
    static constexpr std::size_t file_bytes_max = 65536;
    static constexpr std::size_t tokens_max = 4096;
    static constexpr std::size_t token_length_min = 16;
    static constexpr std::size_t token_length_max = 256;

    /// No tokens: every caller is admin. Only legal on loopback.
    static TokenTable open();
    /// Reads `role token [person]` lines; '#' starts a comment line, blank lines are ignored. Errors: not readable, readable by
    /// others (mode & 0o007 or writable by the group), an unknown role, a bad or repeated token, no token at all. Errors name the
    /// line, never the token.
    static Result<TokenTable> load(const std::string& path);
    static Result<TokenTable> parse(std::string_view text, const std::string& name);

    TokenTable(const TokenTable& other) : state_(other.state()) {}
    TokenTable& operator=(const TokenTable& other) {
        replace(other);
        return *this;
    }
    ~TokenTable() = default;
    /// From any thread, beside find(): a find() after it returns looks in `other`'s tokens.
    void replace(const TokenTable& other);

    bool is_open() const { return state()->open; }
    /// The caller of an Authorization header's value ("Bearer <token>"); nullopt = none or unknown. Time does not depend on which
    /// token matches or on where it differs.
    std::optional<Caller> find(std::string_view authorization) const;
    /// A signature of `text` with the token of this header's value; nullopt = it is none of ours, or there are no tokens.
    std::optional<std::string> sign(std::string_view authorization, std::string_view text) const;
    /// The caller whose token signed `text` so; nullopt = none.
    std::optional<Caller> find_signer(std::string_view text, std::string_view signature) const;

private:
    struct Entry {
        std::string token;
        Caller caller;
    };
    struct State {
        bool open = false;
        std::vector<Entry> entries;
    };
    TokenTable() = default;
    std::shared_ptr<const State> state() const;
    static const Entry* entry_of(const State& state, std::string_view authorization);

    mutable std::mutex mutex_;
    std::shared_ptr<const State> state_ = std::make_shared<const State>();
};

/// True when equal; time depends only on the lengths.
bool constant_time_equal(std::string_view a, std::string_view b);

}  // namespace surged
