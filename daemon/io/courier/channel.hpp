// What a channel type is: it loads a channel's settings and secrets, makes a request out of an order, and says what the answer
// means. It refuses to know how requests travel (the carriers), when and whether to try again (the desk). A new channel is a row
// in a table of providers (provider.hpp) or, when it is nothing like them, one file with a subclass; and one line in
// find_channel_type(). Private to this room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/record/order.hpp"
#include "core/team/spec.hpp"
#include "io/courier/outcome.hpp"
#include "io/courier/pull.hpp"
#include "io/courier/secret.hpp"

namespace surged {

struct HttpRequest {
    Secret url;
    std::vector<std::string> headers;  ///< "Name: value"
    std::string body;                  ///< always a POST
    std::string ca_file;               ///< empty = the system's trust store
    std::string proxy;                 ///< empty = none, whatever the environment says
    std::size_t reply_max = 65536;     ///< bytes of the answer's body that are read
};
struct ProcessRequest {
    std::vector<std::string> command;  ///< program with a slash, then its arguments
    std::vector<std::string> environment;
    std::string input;
};
struct LineRequest {
    std::string line;
};
struct MailRequest {
    std::string url;   ///< smtp://host:port or smtps://host:port, then a slash and the name to say hello with
    bool tls = true;   ///< STARTTLS or nothing, when the URL is smtp://
    std::string user;  ///< empty = no login
    Secret password;
    std::string from;             ///< envelope, without angle brackets
    std::vector<std::string> to;  ///< envelope, the same
    std::string ca_file;          ///< empty = the system's trust store
    std::string body;             ///< headers and text, lines ending in CRLF
};
/// For the PUB socket, which is not ours: the owner of the courier publishes it.
struct PublishRequest {
    std::string topic;
    std::string json;
};
/// This order cannot be sent by this channel at all: nothing leaves.
struct NoRequest {
    SendVerdict verdict;
};
using Request = std::variant<HttpRequest, ProcessRequest, LineRequest, MailRequest, PublishRequest, NoRequest>;

class ChannelType;

/// A channel ready for use, or the reason why it is not.
struct LoadedChannel {
    ChannelSpec spec;
    const ChannelType* type = nullptr;  ///< null with a problem only
    Secret url;
    Secret key;
    std::vector<Secret> hidden;  ///< everything that must not appear in a detail, the longest first
    std::string installation;    ///< in front of every key that leaves: see outgoing_key()
    std::vector<std::string> command;
    std::string problem;  ///< set: every order is config_error
    std::string notice;   ///< worth telling; orders are tried all the same

    std::string scrub(std::string text) const;
};

/// Where settings are resolved from.
struct LoadContext {
    std::string base_dir;
    std::string credentials_dir;
    std::string installation;  ///< of the store (RecordLog::installation); "" = none
};

class ChannelType {
public:
    virtual ~ChannelType() = default;
    /// Fills url, key, command; sets problem or notice.
    virtual void load(LoadedChannel& channel, const LoadContext& context) const = 0;
    /// `unix_s`: the host's wall clock, for signatures.
    virtual Request build(const SendOrder& order, const LoadedChannel& channel, std::int64_t unix_s) const = 0;
    virtual SendVerdict classify_reply(const HttpReply& reply) const;
    virtual SendVerdict classify_exit(const ProcessReply& reply) const;
    virtual SendVerdict classify_mail(const MailReply& reply) const;
    /// The question for what the provider has for us; nullopt: nothing of this kind, as configured.
    virtual std::optional<HttpRequest> build_pull(PullKind kind, const LoadedChannel& channel) const;
    virtual Pulled read_pull(PullKind kind, const HttpReply& reply) const;
    /// How many orders of one such channel may be under way at once.
    virtual std::size_t in_flight_max() const { return SIZE_MAX; }
};

/// Null for a type nobody knows. The result lives as long as the program.
const ChannelType* find_channel_type(std::string_view name);

// One per file: webhook_channel.cpp, exec_channel.cpp, log_channel.cpp, email_channel.cpp, publish_channel.cpp. The others are
// rows of providers.
const ChannelType& webhook_channel();
const ChannelType& exec_channel();
const ChannelType& log_channel();
const ChannelType& email_channel();
const ChannelType& publish_channel_type();

/// Never fails: a channel that can not be loaded carries its problem.
LoadedChannel load_channel(const ChannelSpec& spec, const LoadContext& context);

/// A key of ours as it leaves: with the store's name in front, because ids begin again when a store is lost, and a sink that honours keys
/// would take the next surge for one it has seen.
std::string outgoing_key(const LoadedChannel& channel, const std::string& key);

/// The text of a setting; empty when it is not there.
std::string setting(const ChannelSpec& spec, const std::string& key);

/// Loads `url` or `url_file` (else `default_url`), and the key from the file that the setting `key_setting` names, if it does.
void load_url_and_key(LoadedChannel& channel, const LoadContext& context, const std::string& key_setting,
                      std::string_view default_url);
/// Loads channel.key from the file that the setting names; nothing when the setting is not there.
void load_key(LoadedChannel& channel, const LoadContext& context, const std::string& key_setting);

}  // namespace surged
