#include "io/http/tokens.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "channels/signature.hpp"
#include "os/file.hpp"

namespace surged {

namespace {

constexpr std::array<std::string_view, 4> role_names = {"viewer", "responder", "lead", "admin"};

/// The next blank-separated word of `line`, cut off its front; empty = none left.
std::string_view next_word(std::string_view& line) {
    const std::size_t from = line.find_first_not_of(" \t\r");
    if (from == std::string_view::npos) {
        line = {};
        return {};
    }
    line.remove_prefix(from);
    const std::size_t size = std::min(line.find_first_of(" \t\r"), line.size());
    const std::string_view word = line.substr(0, size);
    line.remove_prefix(size);
    return word;
}

bool printable(std::string_view text) {
    for (const char c : text) {
        if (c < '!' || c > '~') {
            return false;
        }
    }
    return true;
}

}  // namespace

std::string_view to_string(Role role) {
    return role_names[static_cast<std::size_t>(role)];
}

std::optional<Role> role_from(std::string_view text) {
    for (std::size_t i = 0; i < role_names.size(); ++i) {
        if (role_names[i] == text) {
            return static_cast<Role>(i);
        }
    }
    return std::nullopt;
}

bool constant_time_equal(std::string_view a, std::string_view b) {
    // volatile keeps the compiler from leaving the loop at the first difference.
    volatile unsigned char difference = a.size() == b.size() ? 0 : 1;
    const std::size_t size = std::min(a.size(), b.size());
    for (std::size_t i = 0; i < size; ++i) {
        difference = static_cast<unsigned char>(difference | static_cast<unsigned char>(a[i] ^ b[i]));
    }
    return difference == 0;
}

TokenTable TokenTable::open() {
    TokenTable table;
    table.state_ = std::make_shared<const State>(State{true, {}});
    return table;
}

std::shared_ptr<const TokenTable::State> TokenTable::state() const {
    const std::lock_guard lock(mutex_);
    return state_;
}

void TokenTable::replace(const TokenTable& other) {
    std::shared_ptr<const State> state = other.state();
    const std::lock_guard lock(mutex_);
    state_ = std::move(state);
}

Result<TokenTable> TokenTable::load(const std::string& path) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!file) {
        return fail("token file " + path + ": " + std::strerror(errno));
    }
    struct stat info {};
    if (::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
        return fail("token file " + path + ": not a regular file");
    }
    // Looked at on the open descriptor, so the file that is judged is the file that is read.
    if ((info.st_mode & (S_IRWXO | S_IWGRP)) != 0) {
        return fail("token file " + path + ": others may read or write it; chmod 0640 or stricter");
    }
    const auto text = read_some(file.get(), file_bytes_max + 1);
    if (!text) {
        return fail("token file " + path + ": " + std::strerror(text.error()));
    }
    if (text->size() > file_bytes_max) {
        return fail("token file " + path + ": larger than " + std::to_string(file_bytes_max) + " bytes");
    }
    return parse(*text, path);
}

Result<TokenTable> TokenTable::parse(std::string_view text, const std::string& name) {
    State table;
    std::size_t number = 0;
    while (!text.empty()) {
        ++number;
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::string at = name + ":" + std::to_string(number) + ": ";

        const std::string_view role_word = next_word(line);
        if (role_word.empty() || role_word.front() == '#') {
            continue;
        }
        const std::optional<Role> role = role_from(role_word);
        if (!role) {
            return fail(at + "the first word must be viewer, responder, lead or admin");
        }
        const std::string_view token = next_word(line);
        if (token.size() < token_length_min || token.size() > token_length_max || !printable(token)) {
            return fail(at + "a token is " + std::to_string(token_length_min) + " to " + std::to_string(token_length_max) +
                        " printable characters");
        }
        const std::string_view person = next_word(line);
        if (!next_word(line).empty() || person.size() > 64) {
            return fail(at + "a line is: role token [person]");
        }
        for (const Entry& other : table.entries) {
            if (other.token == token) {
                return fail(at + "this token stands in the file twice");
            }
        }
        if (table.entries.size() == tokens_max) {
            return fail(at + "more than " + std::to_string(tokens_max) + " tokens");
        }
        Caller caller{*role, std::string(person), std::string(person.empty() ? role_word : person)};
        table.entries.push_back(Entry{std::string(token), std::move(caller)});
    }
    if (table.entries.empty()) {
        return fail("token file " + name + ": holds no token");
    }
    TokenTable out;
    out.state_ = std::make_shared<const State>(std::move(table));
    return out;
}

const TokenTable::Entry* TokenTable::entry_of(const State& state, std::string_view authorization) {
    constexpr std::string_view scheme = "Bearer ";
    if (authorization.size() < scheme.size() || authorization.size() > scheme.size() + token_length_max) {
        return nullptr;
    }
    for (std::size_t i = 0; i < scheme.size(); ++i) {  // the scheme is no secret and has no case (RFC 7235 2.1)
        const char c = authorization[i];
        const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        if (lower != (i == 0 ? 'b' : scheme[i])) {
            return nullptr;
        }
    }
    const std::string_view token = authorization.substr(scheme.size());
    const Entry* found = nullptr;
    for (const Entry& entry : state.entries) {  // no early end: the time tells nothing about the table
        if (constant_time_equal(entry.token, token)) {
            found = &entry;
        }
    }
    return found;
}

std::optional<Caller> TokenTable::find(std::string_view authorization) const {
    const std::shared_ptr<const State> now = state();
    if (now->open) {
        return Caller{Role::admin, "", "local"};
    }
    const Entry* found = entry_of(*now, authorization);
    return found == nullptr ? std::nullopt : std::optional<Caller>(found->caller);
}

namespace {
/// So that no signature of ours stands for another thing that a token might sign one day.
std::string session_signature(std::string_view token, std::string_view text) {
    return hmac_sha256_hex(Secret(std::string(token)), "surged session " + std::string(text));
}
}  // namespace

std::optional<std::string> TokenTable::sign(std::string_view authorization, std::string_view text) const {
    const std::shared_ptr<const State> now = state();
    const Entry* found = now->open ? nullptr : entry_of(*now, authorization);
    return found == nullptr ? std::nullopt : std::optional(session_signature(found->token, text));
}

std::optional<Caller> TokenTable::find_signer(std::string_view text, std::string_view signature) const {
    const std::shared_ptr<const State> now = state();
    const Entry* found = nullptr;
    for (const Entry& entry : now->entries) {
        if (constant_time_equal(session_signature(entry.token, text), signature)) {
            found = &entry;
        }
    }
    return found == nullptr ? std::nullopt : std::optional<Caller>(found->caller);
}

}  // namespace surged
