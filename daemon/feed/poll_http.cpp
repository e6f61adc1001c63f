// Answers over HTTP: filled-in requests, OAuth, pages.
#include <algorithm>
#include <chrono>

#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "feed/poll_source.hpp"
#include "feed/sink.hpp"
#include "io/courier/client/http_fetch.hpp"
#include "io/courier/secret_file.hpp"
#include "wire/json_text.hpp"

namespace surged {
namespace {

constexpr std::size_t pages_bytes_max = std::size_t{64} << 20U;
constexpr std::size_t secret_bytes_min = 4;  // a shorter one would star out half the text

using Trouble = tl::unexpected<PollTrouble>;

Trouble trouble(std::string reason, Span retry_after = Span{0}) {
    return Trouble(PollTrouble{std::move(reason), retry_after});
}

/// What a service says of its refusal, for a person: the front of the body in one line, without what was secret in the request.
std::string said(const FetchReply& reply, const std::vector<std::string>& secrets) {
    std::string text = reply.body.substr(0, 2000);
    for (const auto& secret : secrets) {
        for (auto at = text.find(secret); secret.size() >= secret_bytes_min && at != std::string::npos;
             at = text.find(secret, at)) {
            text.replace(at, secret.size(), "***");
        }
    }
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t' || c == '"'; }, ' ');
    const auto shown = utf8_cut(shown_safely(text), 160);
    return "answers " + std::to_string(reply.status) + (shown.find_first_not_of(' ') == std::string::npos ? "" : ": " + shown);
}

std::string host_of(const std::string& url) {
    const auto from = url.find("://");
    const auto begin = from == std::string::npos ? 0 : from + 3;
    const auto end = std::min(url.find_first_of("/?#", begin), url.size());
    const auto at = url.substr(begin, end - begin).rfind('@');
    return url.substr(at == std::string::npos ? begin : begin + at + 1, end - (at == std::string::npos ? begin : begin + at + 1));
}

class HttpSource final : public PollSource {
public:
    HttpSource(const AskPlan& ask, const PollWorld& world)
        : ask_(ask), world_(world), read_secret_(secrets_of(world.plan, world.credentials_dir)), fetch_(world.stop) {}

    Result<PollAnswer, PollTrouble> ask(std::int64_t now_ms) override {
        const TemplateTimes times{now_ms, ask_.slot, &world_.plan.zone};
        secrets_.clear();
        auto request = build(times);
        if (!request) {
            return trouble(request.error().message);
        }
        std::string period;
        if (ask_.fixed_period) {
            auto filled = ask_.fixed_period->fill(times, read_secret_);
            if (!filled) {
                return trouble(filled.error().message);
            }
            period = *filled;
        }
        return all_pages(*request, period);
    }

private:
    Result<std::string> secret(const std::string& name) {
        auto text = read_secret_(name);
        if (text) {
            secrets_.push_back(*text);
        }
        return text;
    }

    Result<std::string> filled(const PollTemplate& from, const TemplateTimes& times) {
        return from.fill(times, [this](const std::string& name) { return secret(name); });
    }

    Result<FetchRequest> build(const TemplateTimes& times) {
        const auto& http = ask_.http;
        FetchRequest request;
        request.method = http.method;
        request.timeout = ask_.timeout;
        request.bytes_max = http.bytes_max;
        request.ca_file = http.ca_file.empty() ? "" : poll_path(world_.plan, http.ca_file);
        auto url = filled(http.url, times);
        if (!url) {
            return tl::unexpected(url.error());
        }
        request.url = std::move(*url);
        bool typed = false;
        bool accepts = false;
        for (const auto& [name, value] : http.headers) {
            auto text = filled(value, times);
            if (!text) {
                return tl::unexpected(text.error());
            }
            std::string lower = name;
            std::transform(lower.begin(), lower.end(), lower.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
            typed = typed || lower == "content-type";
            accepts = accepts || lower == "accept";
            request.headers.push_back(name + ": " + *text);
        }
        if (http.body) {
            auto body = filled(*http.body, times);
            if (!body) {
                return tl::unexpected(body.error());
            }
            request.body = std::move(*body);
            if (!typed) {
                request.headers.emplace_back("Content-Type: application/json");
            }
        }
        if (!accepts && ask_.format == DocumentFormat::json) {
            request.headers.emplace_back("Accept: application/json");
        }
        return with_login(std::move(request), times);
    }

    Result<FetchRequest> with_login(FetchRequest request, const TemplateTimes& times) {
        const auto& http = ask_.http;
        const auto take = [this](const std::string& name, std::string& into) -> Result<void> {
            auto text = secret(name);
            if (!text) {
                return tl::unexpected(text.error());
            }
            into = *text;
            return {};
        };
        Result<void> read;
        if (http.user_from) {
            auto user = filled(*http.user_from, times);
            if (!user) {
                return tl::unexpected(user.error());
            }
            request.user = *user;
            read = take(http.password_file, request.password);
        } else if (http.aws) {
            request.aws_sign = "aws:amz:" + http.aws->region + ":" + http.aws->service;
            read = take(http.aws->key_id_file, request.user);
            if (read) {
                read = take(http.aws->secret_key_file, request.password);
            }
            if (read && !http.aws->token_file.empty()) {
                std::string token;
                read = take(http.aws->token_file, token);
                request.headers.push_back("X-Amz-Security-Token: " + token);
            }
        }
        return read ? Result<FetchRequest>(std::move(request)) : Result<FetchRequest>(tl::unexpected(read.error()));
    }

    Result<PollAnswer, PollTrouble> all_pages(const FetchRequest& first, const std::string& period) {
        PollAnswer answer;
        FetchRequest request = first;
        std::string token_before;
        std::size_t bytes = 0;
        for (std::size_t page = 1;; ++page) {
            auto reply = send(request);
            if (!reply) {
                return tl::unexpected(reply.error());
            }
            bytes += reply->body.size();
            if (bytes > pages_bytes_max) {
                return trouble("the pages of one answer are longer than 64 MiB");
            }
            PollDocument document;
            document.period = period;
            auto read = read_poll_document(ask_, reply->body, document.faults);
            if (!read) {
                return trouble("the answer of " + host_of(request.url) + " is " + read.error().message);
            }
            document.document = std::move(*read);
            const auto next = ask_.http.paging ? next_of(document.document) : std::string();
            answer.documents.push_back(std::move(document));
            if (next.empty()) {
                return answer;
            }
            if (next == token_before) {
                return trouble("the service names the same next page twice");
            }
            if (page >= ask_.http.paging->pages_max) {
                return trouble("more than " + std::to_string(ask_.http.paging->pages_max) + " pages (`page` max)");
            }
            token_before = next;
            if (auto turned = turn_page(first, next, request); !turned) {
                return trouble(turned.error().message);
            }
        }
    }

    /// Empty: this was the last.
    std::string next_of(const JsonValue& document) const {
        const JsonValue* chain[] = {&document};
        const auto* field = ask_.http.paging->next.first(RowChain(chain));
        const auto text = field == nullptr ? std::nullopt : plain_text(*field);
        return text && *text != "false" ? *text : "";
    }

    Result<void> turn_page(const FetchRequest& first, const std::string& next, FetchRequest& request) const {
        const auto& paging = *ask_.http.paging;
        request = first;
        switch (paging.into) {
            case PagingPlan::Into::query:
                request.url += (first.url.find('?') == std::string::npos ? "?" : "&") + paging.name + "=" + percent_encoded(next);
                return {};
            case PagingPlan::Into::body: {
                const auto open = request.body.find('{');
                if (open == std::string::npos) {
                    return fail("`page` needs a body that is a JSON object");
                }
                std::string member;
                append_json_string(member, paging.name);
                member += ':';
                append_json_string(member, next);
                const auto behind = request.body.find_first_not_of(" \t\r\n", open + 1);
                member += behind != std::string::npos && request.body[behind] == '}' ? "" : ",";
                request.body.insert(open + 1, member);
                return {};
            }
            case PagingPlan::Into::url: break;
        }
        const auto host = first.url.find("://") + 3;
        request.url = next.starts_with('/') && !next.starts_with("//")
                          ? first.url.substr(0, std::min(first.url.find_first_of("/?#", host), first.url.size())) + next
                          : next;
        // What is secret in the request goes to the host that it is for.
        return HttpFetch::same_host(first.url, request.url)
                   ? Result<void>()
                   : Result<void>(fail("the next page is on another host: " + utf8_cut(host_of(next), 80)));
    }

    Result<FetchReply, PollTrouble> send(FetchRequest request) {
        for (bool again = false;; again = true) {
            std::string token;
            FetchRequest with_token = request;
            if (!ask_.http.oauth.empty()) {
                auto got = world_.tokens.token(ask_.http.oauth);
                if (!got) {
                    return tl::unexpected(got.error());
                }
                token = *got;
                secrets_.push_back(token);
                with_token.headers.push_back("Authorization: Bearer " + token);
            }
            auto reply = fetch_.fetch(with_token);
            if (!reply) {
                return trouble("no answer from " + host_of(request.url) + ": " + reply.error().message);
            }
            if (reply->status == 401 && !token.empty() && !again) {
                world_.tokens.refused(ask_.http.oauth, token);
                continue;
            }
            if (reply->status < 200 || reply->status > 299) {
                const bool moved = reply->status >= 300 && reply->status < 400;
                return trouble(host_of(request.url) + " " + said(*reply, secrets_) +
                                   (moved ? " (redirects are not followed: name the right `url`)" : ""),
                               reply->retry_after);
            }
            return std::move(*reply);
        }
    }

    const AskPlan& ask_;
    PollWorld world_;
    ReadSecretText read_secret_;
    HttpFetch fetch_;
    std::vector<std::string> secrets_;
};

}  // namespace

Result<OAuthTokens::Kept, PollTrouble> OAuthTokens::get(const OAuthPlan& oauth) const {
    const auto read = secrets_of(plan_, credentials_dir_);
    const auto id = read(oauth.client_id_file);
    const auto secret = read(oauth.client_secret_file);
    if (!id || !secret) {
        return trouble(id ? secret.error().message : id.error().message);
    }
    FetchRequest request;
    request.url = oauth.url;
    request.method = "POST";
    request.timeout = oauth.timeout;
    request.bytes_max = 1U << 20U;
    request.ca_file = oauth.ca_file.empty() ? "" : poll_path(plan_, oauth.ca_file);
    request.headers = {"Content-Type: application/x-www-form-urlencoded", "Accept: application/json"};
    request.body = "grant_type=client_credentials";
    if (oauth.in_body) {
        request.body += "&client_id=" + percent_encoded(*id) + "&client_secret=" + percent_encoded(*secret);
    } else {
        request.user = *id;
        request.password = *secret;
    }
    request.body += oauth.scope.empty() ? "" : "&scope=" + percent_encoded(oauth.scope);
    request.body += oauth.audience.empty() ? "" : "&audience=" + percent_encoded(oauth.audience);
    const auto reply = HttpFetch(stop_).fetch(request);
    if (!reply) {
        return trouble("no token from " + host_of(oauth.url) + ": " + reply.error().message);
    }
    if (reply->status != 200) {
        return trouble("no token: " + host_of(oauth.url) + " " + said(*reply, {*id, *secret}), reply->retry_after);
    }
    const auto document = parse_json(reply->body);
    Kept kept;
    kept.token = document ? document->text_or("access_token", "") : "";
    if (kept.token.empty()) {
        return trouble("no token: " + host_of(oauth.url) + " answers without an access_token");
    }
    const auto* expires = document->find("expires_in");
    auto seconds = expires == nullptr ? std::optional(300.0) : expires->number();
    if (!seconds && expires->text() != nullptr) {
        seconds = parse_number(*expires->text());
    }
    // A new one is got a minute before, or a tenth of a short life.
    const double life = std::clamp(seconds.value_or(300), 1.0, 86400.0 * 30);
    kept.until_steady_ms = steady_now_ms() + static_cast<std::int64_t>((life - std::min(60.0, life / 10)) * 1000);
    return kept;
}

Result<std::string, PollTrouble> OAuthTokens::token(const std::string& name) {
    const std::lock_guard hold(mutex_);
    auto& kept = kept_[name];
    if (kept.token.empty() || steady_now_ms() >= kept.until_steady_ms) {
        auto got = get(plan_.oauths.at(name));
        if (!got) {
            return tl::unexpected(got.error());
        }
        kept = std::move(*got);
    }
    return kept.token;
}

void OAuthTokens::refused(const std::string& name, const std::string& token) {
    const std::lock_guard hold(mutex_);
    if (const auto found = kept_.find(name); found != kept_.end() && found->second.token == token) {
        kept_.erase(found);
    }
}

ReadSecretText secrets_of(const PollPlan& plan, const std::string& credentials_dir) {
    return [base = plan.base_dir, credentials_dir](const std::string& name) -> Result<std::string> {
        const auto secret = read_secret(name, base, credentials_dir);
        return secret ? Result<std::string>(secret->reveal()) : Result<std::string>(tl::unexpected(secret.error()));
    };
}

std::unique_ptr<PollSource> open_http_source(const AskPlan& ask, const PollWorld& world) {
    return std::make_unique<HttpSource>(ask, world);
}

}  // namespace surged
