#include "io/courier/channel.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <set>
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
constexpr std::size_t hidden_max = 64;  // parts of one URL; all of it is hidden whole in any case

bool starts_with_scheme(std::string_view url) {
    return url.starts_with("http://") || url.starts_with("https://");
}

/// A part of a URL that is a key and no word: robots put theirs into the path.
bool key_like(std::string_view part) {
    const bool odd =
        std::any_of(part.begin(), part.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
    return part.size() >= 20 || (part.size() >= 8 && odd);
}

/// Calls `each` for the pieces of `text` between any of `marks`.
template <typename Each>
void each_piece(std::string_view text, std::string_view marks, Each each) {
    for (std::size_t at = 0; at <= text.size();) {
        const auto end = std::min(text.find_first_of(marks, at), text.size());
        each(text.substr(at, end - at));
        at = end + 1;
    }
}

/// The parts of a URL that may be secret by themselves, since a provider repeats what it likes: path with query, keys in the
/// path, every value of the query, user and password.
void hide_url(LoadedChannel& channel) {
    const std::string& url = channel.url.reveal();
    channel.hidden.push_back(channel.url);
    const auto hide = [&](std::string_view part, std::size_t least) {
        if (part.size() >= least && channel.hidden.size() < hidden_max) {
            channel.hidden.emplace_back(std::string(part));
        }
    };
    const auto host = url.find("://") + 3;
    const auto path = std::min(url.find_first_of("/?#", host), url.size());
    const auto query = std::min(url.find('?', path), url.size());
    hide(std::string_view(url).substr(path), 8);
    each_piece(std::string_view(url).substr(path, query - path), "/", [&](std::string_view part) {
        if (key_like(part)) {
            hide(part, 8);
        }
    });
    if (query < url.size()) {
        const auto asked = std::string_view(url).substr(query + 1);
        hide(asked, 8);
        each_piece(asked, "&;#", [&](std::string_view part) { hide(part.substr(std::min(part.find('=') + 1, part.size())), 6); });
    }
    const auto at = url.substr(0, path).rfind('@');
    if (at != std::string::npos && at > host) {
        const auto user = std::string_view(url).substr(host, at - host);
        hide(user, 4);
        each_piece(user, ":", [&](std::string_view part) { hide(part, 4); });
    }
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned value = 0;
        const auto* const digits = text.data() + i + 1;
        if (text[i] == '%' && i + 2 < text.size() && std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2) {
            out.push_back(static_cast<char>(value));
            i += 2;
        } else {
            out.push_back(text[i]);
        }
    }
    return out;
}

/// With everything but letters, digits and -._~ escaped, as a provider repeats it inside a URL.
std::string percent_encoded(std::string_view text, const char* digits) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                           c == '_' || c == '~';
        plain ? out.push_back(c) : static_cast<void>(out.append({'%', digits[byte >> 4U], digits[byte & 15U]}));
    }
    return out;
}

/// As it stands inside JSON of a writer that escapes slashes.
std::string slashes_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        out += c == '/' ? "\\/" : std::string(1, c);
    }
    return out;
}

/// Every form in which a provider may repeat what is hidden, the longest first: a short part must not star out the middle of a
/// longer one and leave its rest to be read.
void hide_forms(std::vector<Secret>& hidden) {
    std::set<std::string> forms;
    for (const auto& secret : hidden) {
        for (const auto& text : {secret.reveal(), percent_decoded(secret.reveal())}) {
            for (const auto& form : {text, percent_encoded(text, "0123456789ABCDEF"), percent_encoded(text, "0123456789abcdef"), slashes_escaped(text)}) {
                forms.insert(form);
            }
        }
    }
    std::vector<std::string> ordered(forms.begin(), forms.end());
    std::stable_sort(ordered.begin(), ordered.end(),
                     [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
    hidden.clear();
    for (auto& form : ordered) {
        hidden.emplace_back(std::move(form));
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

std::string outgoing_key(const LoadedChannel& channel, const std::string& key) {
    return channel.installation.empty() ? key : channel.installation + ":" + key;
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
    out.installation = context.installation;
    out.type->load(out, context);
    hide_forms(out.hidden);
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
