#include "io/courier/channel.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/base/text.hpp"
#include "io/courier/provider.hpp"

namespace surged {
namespace {

struct NamedType {
    std::string_view name;
    const ChannelType& (*type)();
};
constexpr std::array<NamedType, 13> types = {{{"webhook", webhook_channel},
                                              {"exec", exec_channel},
                                              {"log", log_channel},
                                              {"publish", publish_channel_type},
                                              {"dingtalk", dingtalk_channel},
                                              {"wecom", wecom_channel},
                                              {"feishu", feishu_channel},
                                              {"slack", slack_channel},
                                              {"email", email_channel},
                                              {"pagerduty", pagerduty_channel},
                                              {"alertmanager", alertmanager_channel},
                                              {"goalert", goalert_channel},
                                              {"cmas_sms", cmas_sms_channel}}};

constexpr std::size_t url_bytes_max = 8192;

bool starts_with_scheme(std::string_view url) {
    return url.starts_with("http://") || url.starts_with("https://");
}

/// The parts of a URL that may be secret by themselves: path with query, and user:password.
void hide_url(LoadedChannel& channel) {
    const std::string& url = channel.url.reveal();
    channel.hidden.push_back(channel.url);
    const auto host = url.find("://") + 3;
    const auto path = url.find_first_of("/?#", host);
    if (path != std::string::npos && url.size() - path >= 8) {
        channel.hidden.emplace_back(url.substr(path));
    }
    const auto query = url.find('?');
    if (query != std::string::npos && url.size() - query > 8) {
        channel.hidden.emplace_back(url.substr(query + 1));
    }
    const auto at = url.substr(0, path).rfind('@');
    if (at != std::string::npos && at > host) {
        channel.hidden.emplace_back(url.substr(host, at - host));
    }
}

}  // namespace

const ChannelType* find_channel_type(std::string_view name) {
    for (const auto& entry : types) {
        if (entry.name == name) {
            return &entry.type();
        }
    }
    return nullptr;
}

std::string LoadedChannel::scrub(std::string text) const {
    for (const auto& secret : hidden) {
        text = secret.scrub(std::move(text));
    }
    return text;
}

std::string setting(const ChannelSpec& spec, const std::string& key) {
    const auto at = spec.settings.find(key);
    return at == spec.settings.end() ? std::string() : at->second;
}

void load_key(LoadedChannel& channel, const LoadContext& context, const std::string& key_setting) {
    const std::string file = setting(channel.spec, key_setting);
    if (file.empty()) {
        return;
    }
    auto key = read_secret(file, context.base_dir, context.credentials_dir);
    if (!key) {
        channel.problem = key.error().message;
        return;
    }
    channel.key = std::move(*key);
    channel.hidden.push_back(channel.key);
}

void load_url_and_key(LoadedChannel& channel, const LoadContext& context, const std::string& key_setting,
                      std::string_view default_url) {
    const std::string url_file = setting(channel.spec, "url_file");
    if (!url_file.empty()) {
        auto url = read_secret(url_file, context.base_dir, context.credentials_dir);
        if (!url) {
            channel.problem = url.error().message;
            return;
        }
        channel.url = std::move(*url);
    } else {
        const std::string url = setting(channel.spec, "url");
        channel.url = Secret(url.empty() ? std::string(default_url) : url);
    }
    if (channel.url.empty()) {
        channel.problem = "neither url nor url_file is set";
        return;
    }
    const std::string& url = channel.url.reveal();
    if (!starts_with_scheme(url) || url.size() > url_bytes_max ||
        url.find_first_of(std::string_view(" \t\r\n\0", 5)) != std::string::npos) {
        channel.problem = "the url is not an http:// or https:// address";
        return;
    }
    hide_url(channel);
    load_key(channel, context, key_setting);
}

LoadedChannel load_channel(const ChannelSpec& spec, const LoadContext& context) {
    LoadedChannel out;
    out.spec = spec;
    out.type = find_channel_type(spec.type);
    if (out.type == nullptr) {
        std::vector<std::string> names;
        for (const auto& entry : types) {
            names.emplace_back(entry.name);
        }
        const auto near = nearest_name(spec.type, names);
        out.problem = "unknown channel type \"" + spec.type + "\"" + (near ? ", did you mean \"" + *near + "\"?" : "");
        return out;
    }
    if (const auto ca = out.spec.settings.find("ca_file"); ca != out.spec.settings.end() && !ca->second.empty()) {
        if (ca->second.front() != '/' && !context.base_dir.empty()) {
            ca->second = context.base_dir + "/" + ca->second;
        }
        if (::access(ca->second.c_str(), R_OK) != 0) {
            out.problem = "cannot read ca_file " + ca->second + ": " + std::strerror(errno);
            return out;
        }
    }
    out.type->load(out, context);
    return out;
}

// A carrier never brings a type an answer of another carrier; were it to happen, nobody knows what became of the page.
SendVerdict ChannelType::classify_reply(const HttpReply&) const {
    return {OutcomeClass::unknown, Span{0}, "unexpected HTTP answer", Span{0}};
}
SendVerdict ChannelType::classify_exit(const ProcessReply&) const {
    return {OutcomeClass::unknown, Span{0}, "unexpected end of a command", Span{0}};
}

SendVerdict ChannelType::classify_mail(const MailReply&) const {
    return {OutcomeClass::unknown, Span{0}, "unexpected end of a mail", Span{0}};
}

std::optional<HttpRequest> ChannelType::build_pull(PullKind, const LoadedChannel&) const {
    return std::nullopt;
}
Pulled ChannelType::read_pull(PullKind, const HttpReply&) const {
    return {};
}

}  // namespace surged
