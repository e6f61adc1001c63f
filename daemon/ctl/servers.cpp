#include "ctl/servers.hpp"

#include <chrono>
#include <thread>

#include "core/base/ranges.hpp"
#include "wire/json_text.hpp"

namespace surged {

std::vector<std::string> servers_of(std::string_view list) {
    std::vector<std::string> out;
    while (!list.empty()) {
        const auto comma = std::min(list.find(','), list.size());
        auto one = list.substr(0, comma);
        list.remove_prefix(std::min(comma + 1, list.size()));
        const auto from = std::min(one.find_first_not_of(" \t"), one.size());
        one.remove_prefix(from);
        one = one.substr(0, one.find_last_not_of(" \t/") + 1);
        if (!one.empty() && !contains(out, one)) {
            out.emplace_back(one);
        }
    }
    return out;
}

namespace {
/// The `error` of an answer, as text by its field.
std::string error_field(const ClientReply& reply, std::string_view field) {
    const auto json = parse_json(reply.body);
    const JsonValue* error = json ? json->find("error") : nullptr;
    return error == nullptr ? std::string() : error->text_or(field, "");
}
}  // namespace

bool stands_by(const ClientReply& reply) {
    return reply.status == 503 && error_field(reply, "code") == "standby";
}

Servers::Servers(std::vector<std::string> urls, const HttpClientOptions& common, std::size_t first, int rounds)
    : urls_(std::move(urls)), rounds_(rounds) {
    if (urls_.empty()) {
        urls_.emplace_back();  // told as an address that cannot be asked
    }
    at_ = first < urls_.size() ? first : 0;
    for (const std::string& url : urls_) {
        HttpClientOptions options = common;
        options.server = url;
        clients_.push_back(std::make_unique<HttpClient>(std::move(options)));
    }
}

Servers::Round Servers::ask_all(const Ask& question) {
    Round out;
    const std::size_t begin = at_;
    for (std::size_t i = 0; i < urls_.size() && !out.answered; ++i) {
        const std::size_t now = (begin + i) % urls_.size();
        out.last = question(*clients_[now]);
        const bool away = !out.last;
        const bool standing = !away && stands_by(*out.last);
        out.standing_by = out.standing_by || standing;
        if (away || standing) {
            out.reasons += (out.reasons.empty() ? "" : "; ") + (away ? out.last.error().message : urls_[now] + ": " + error_field(*out.last, "message"));
            continue;
        }
        out.answered = true;
        at_ = now;
    }
    return out;
}

Result<ClientReply> Servers::ask(const Ask& question) {
    for (int round = 1;; ++round) {
        auto asked = ask_all(question);
        if (asked.answered || urls_.size() == 1) {
            return std::move(asked.last);
        }
        if (!asked.standing_by || round >= rounds_) {
            return fail("none of " + std::to_string(urls_.size()) + " servers is at work: " + asked.reasons);
        }
        std::this_thread::sleep_for(std::chrono::seconds{1});
    }
}

}  // namespace surged
