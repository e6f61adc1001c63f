#include "channels/channel_type.hpp"

#include <algorithm>
#include <array>

#include "channels/type_list.hpp"
#include "core/base/text.hpp"

namespace surged {
namespace {

// A carrier never brings a type an answer of another carrier; were it to happen, nobody knows what became of the page.
SendVerdict nobody_knows(const char* what) {
    return {OutcomeClass::unknown, Span{0}, what, Span{0}, {}};
}

}  // namespace

std::span<const ChannelType* const> channel_types() {
    static const auto types = [] {
        std::array<const ChannelType*, type_list.size()> out{};
        std::transform(type_list.begin(), type_list.end(), out.begin(), [](auto type) { return &type(); });
        return out;
    }();
    return types;
}

const ChannelType* channel_type(std::string_view name) {
    const auto types = channel_types();
    const auto at = std::ranges::find_if(types, [&](const ChannelType* type) { return type->name == name; });
    return at == types.end() ? nullptr : *at;
}

const ChannelKey* ChannelType::find_key(std::string_view key) const {
    const auto at = std::ranges::find(keys, key, &ChannelKey::name);
    return at == keys.end() ? nullptr : &*at;
}

SendVerdict verdict_of(const ChannelType& type, const HttpReply& reply) {
    return judge(type.answers, reply);
}
SendVerdict verdict_of(const ChannelType& type, const ProcessReply& reply) {
    return type.read_exit != nullptr ? type.read_exit(reply) : nobody_knows("unexpected end of a command");
}
SendVerdict verdict_of(const ChannelType& type, const MailReply& reply) {
    return type.read_mail != nullptr ? type.read_mail(reply) : nobody_knows("unexpected end of a mail");
}

std::string setting(const ChannelSpec& spec, std::string_view key) {
    const auto at = spec.settings.find(std::string(key));
    if (at != spec.settings.end()) {
        return at->second;
    }
    const auto* type = channel_type(spec.type);
    const auto* known = type == nullptr ? nullptr : type->find_key(key);
    return known == nullptr ? std::string() : std::string(known->fallback);
}

HttpRequest json_request(const ChannelSetup& channel) {
    HttpRequest out;
    out.url = channel.url;
    out.ca_file = setting(channel.spec, "ca_file");
    out.proxy = setting(channel.spec, "proxy");
    out.headers = {"Content-Type: application/json; charset=utf-8"};
    return out;
}

std::optional<IdleUse> idle_request(const ChannelSetup& channel) {
    constexpr std::string_view scheme = "https://";
    const auto every = parse_span(setting(channel.spec, "keep_warm"));
    const std::string& url = channel.url.reveal();
    if (!every || *every <= Span{0} || !url.starts_with(scheme)) {
        return std::nullopt;
    }
    const auto host = url.substr(scheme.size(), url.find_first_of("/?#", scheme.size()) - scheme.size());
    IdleUse out;
    out.request = json_request(channel);
    out.request.url = Secret(std::string(scheme) + host.substr(host.rfind('@') + 1) + "/");  // npos + 1 = 0
    out.request.headers.clear();
    out.request.head = true;
    out.every = *every;
    return out;
}

std::string outgoing_key(const ChannelSetup& channel, const std::string& key) {
    return channel.installation.empty() ? key : channel.installation + ":" + key;
}

}  // namespace surged
