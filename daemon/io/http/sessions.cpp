#include "io/http/sessions.hpp"

#include <algorithm>
#include <charconv>

#include "io/http/nonce.hpp"

namespace surged {

namespace {

/// "<until, s>.<id>.<signature>"
struct CookieParts {
    std::int64_t until_s = 0;
    std::string_view said;  ///< what is signed
    std::string_view signature;
};

std::optional<CookieParts> parts_of(std::string_view value) {
    const auto last = value.rfind('.');
    CookieParts out;
    if (last == std::string_view::npos || value.size() > 200) {
        return std::nullopt;
    }
    out.said = value.substr(0, last);
    out.signature = value.substr(last + 1);
    const auto read = std::from_chars(out.said.data(), out.said.data() + out.said.size(), out.until_s);
    if (read.ec != std::errc{} || read.ptr == out.said.data() + out.said.size() || *read.ptr != '.') {
        return std::nullopt;
    }
    return out;
}

}  // namespace

std::optional<std::string> Sessions::code_for(std::string_view authorization, WallTime now) {
    auto code = page_nonce();
    if (!code || !tokens_.find(authorization)) {
        return std::nullopt;
    }
    const std::lock_guard lock(mutex_);
    std::erase_if(codes_, [now](const auto& entry) { return entry.second.until <= now; });
    if (codes_.size() >= codes_max) {
        codes_.erase(std::ranges::min_element(codes_, {}, [](const auto& entry) { return entry.second.until; }));
    }
    codes_[*code] = {std::string(authorization), now + code_life};
    return code;
}

std::optional<Sessions::Opened> Sessions::open_by_code(const std::string& code, WallTime now) {
    Code found;
    {
        const std::lock_guard lock(mutex_);
        const auto at = codes_.find(code);
        if (at == codes_.end()) {
            return std::nullopt;
        }
        found = std::move(at->second);
        codes_.erase(at);
    }
    return found.until <= now ? std::nullopt : open_by_token(found.authorization, now);
}

std::optional<Sessions::Opened> Sessions::open_by_token(std::string_view authorization, WallTime now) const {
    const auto caller = tokens_.find(authorization);
    const auto id = page_nonce();
    if (!caller || !id || tokens_.is_open()) {
        return std::nullopt;
    }
    const auto life = caller->role == Role::viewer ? viewer_life : acting_life;
    const std::string said = std::to_string((to_ms(now) / 1000) + life.count()) + "." + *id;
    const auto signature = tokens_.sign(authorization, said);
    if (!signature) {
        return std::nullopt;
    }
    return Opened{*caller, said + "." + *signature, life};
}

std::optional<Caller> Sessions::find(std::string_view value, WallTime now) const {
    const auto parts = parts_of(value);
    if (!parts || parts->until_s * 1000 <= to_ms(now)) {
        return std::nullopt;
    }
    {
        const std::lock_guard lock(mutex_);
        if (ended_.count(std::string(value)) > 0) {
            return std::nullopt;
        }
    }
    return tokens_.find_signer(parts->said, parts->signature);
}

void Sessions::end(std::string_view value, WallTime now) {
    const auto parts = parts_of(value);
    if (!parts || !find(value, now)) {
        return;  // what does not count needs no room
    }
    const std::lock_guard lock(mutex_);
    if (ended_.size() >= ended_max) {
        std::erase_if(ended_, [now](const auto& entry) { return entry.second <= now; });
    }
    if (ended_.size() >= ended_max) {
        ended_.erase(std::ranges::min_element(ended_, {}, [](const auto& entry) { return entry.second; }));
    }
    ended_[std::string(value)] = wall_time(parts->until_s * 1000);
}

std::string_view cookie_in(std::string_view header, std::string_view name) {
    while (!header.empty()) {
        const auto end = std::min(header.find(';'), header.size());
        auto pair = header.substr(0, end);
        header.remove_prefix(std::min(end + 1, header.size()));
        pair.remove_prefix(std::min(pair.find_first_not_of(" \t"), pair.size()));
        if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
            return pair.substr(name.size() + 1);
        }
    }
    return {};
}

}  // namespace surged
