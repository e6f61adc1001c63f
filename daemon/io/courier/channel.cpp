#include "io/courier/channel.hpp"

#include <array>
#include <utility>

#include "core/base/text.hpp"

namespace surged {
namespace {

struct NamedType {
    std::string_view name;
    const ChannelType& (*type)();
};
constexpr std::array<NamedType, 3> types = {{{"webhook", webhook_channel}, {"exec", exec_channel}, {"log", log_channel}}};

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

void load_url_and_key(LoadedChannel& channel, const LoadContext& context) {
    const std::string url_file = setting(channel.spec, "url_file");
    if (!url_file.empty()) {
        auto url = read_secret(url_file, context.base_dir, context.credentials_dir);
        if (!url) {
            channel.problem = url.error().message;
            return;
        }
        channel.url = std::move(*url);
    } else {
        channel.url = Secret(setting(channel.spec, "url"));
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
    const std::string secret_file = setting(channel.spec, "secret_file");
    if (!secret_file.empty()) {
        auto key = read_secret(secret_file, context.base_dir, context.credentials_dir);
        if (!key) {
            channel.problem = key.error().message;
            return;
        }
        channel.key = std::move(*key);
        channel.hidden.push_back(channel.key);
    }
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
    out.type->load(out, context);
    return out;
}

// A carrier never brings a type an answer of another carrier; were it to happen, nobody knows what became of the page.
SendVerdict ChannelType::classify_reply(const HttpReply&) const {
    return {OutcomeClass::unknown, Span{0}, "unexpected HTTP answer"};
}
SendVerdict ChannelType::classify_exit(const ProcessReply&) const {
    return {OutcomeClass::unknown, Span{0}, "unexpected end of a command"};
}

}  // namespace surged
