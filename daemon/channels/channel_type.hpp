// What a channel type is, in one place: the keys its [[channel]] takes, what it is unless told otherwise, what its provider
// allows, how a page becomes a request, and what the answers mean. `config` reads a table by it, `io/courier` sends by it. A type
// is one file, channels/<type>.cpp, that defines <type>_type(), and its name in the list of channels/CMakeLists.txt.
//
// It knows formats of others. It refuses to know files, sockets and processes (io/courier) and whether to try again (the desk).
// Hardest rule: what a provider treats as a secret has a key here that names a file, and no other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "channels/answer_table.hpp"
#include "channels/pulled.hpp"
#include "channels/request.hpp"
#include "core/record/order.hpp"
#include "core/team/spec.hpp"

namespace surged {

/// What the text of a key must be. In the configuration every key of a type is a string.
enum class KeyForm : std::uint8_t {
    text,
    url,           ///< http:// or https://, without a secret in it
    span,          ///< a duration within ChannelKey::least and most
    choice,        ///< one of ChannelKey::words
    mail,          ///< a mail address alone
    server,        ///< host:port
    file,          ///< names a file that is no secret
    secret_url,    ///< names a file that holds the URL
    secret_line,   ///< names a file that holds the key, one line
    secret_bytes,  ///< names a file that holds the key, whatever is in it
};

struct ChannelKey {
    std::string_view name;
    KeyForm form = KeyForm::text;
    bool needed = false;
    std::string_view fallback{};                ///< the value without the key; "" = none
    std::string_view meaning{};                 ///< for people; the table of io/courier/README.md says the same
    std::span<const std::string_view> words{};  ///< choice
    std::string_view least{};                   ///< span, as people write it, inclusive
    std::string_view most{};                    ///< span, inclusive
};

/// What a channel needs of a person that it reaches, when the person has no `address` on it.
enum class ReachBy : std::uint8_t { anything, mobile, email };

/// What keys that are good by themselves cannot be together.
struct ChannelFinding {
    enum class Weight : std::uint8_t {
        error,  ///< of the configuration
        unfit,  ///< the configuration stands; the channel carries nothing until it is mended
        warning,
    };
    Weight weight = Weight::error;
    std::string_view key{};  ///< the key whose place is meant; "" = the whole [[channel]]
    std::string message;
};

/// A channel with its secrets read.
struct ChannelSetup {
    ChannelSpec spec;
    Secret url;
    Secret key;
    std::string installation;  ///< in front of every key that leaves: see outgoing_key()
    std::vector<std::string> command;
};

/// What a request is made of.
struct PageInput {
    const SendOrder& order;
    const ChannelSetup& channel;
    std::int64_t unix_s = 0;  ///< the host's wall clock, for signatures
};

struct ChannelType {
    std::string_view name{};

    // What a [[channel]] may say, and what it is by nature.
    bool configured = true;                      ///< false: it is there without a [[channel]], and takes none
    std::span<const ChannelKey> keys{};          ///< of its own, beside those that all channels share
    std::span<const std::string_view> one_of{};  ///< of these keys, exactly one
    bool command = false;                        ///< takes a `command`
    bool takes_actions = false;                  ///< a machine answers: steps of the playbook may go by it
    ChannelKind kind = ChannelKind::personal;    ///< unless configured
    RateLimit rate{};                            ///< unless configured; below `most`, which leaves room for repeats
    RateLimit most{};                            ///< what the provider allows; count 0 = it does not say
    std::size_t text_limit = 0;                  ///< code points, unless configured
    std::string_view text_prefix{};  ///< the key whose text the provider puts before ours, within text_limit; "" = none
    Span repost{0};                  ///< ChannelSpec::repost, unless configured; 0 = no such key
    ReachBy reach = ReachBy::anything;
    bool coalesce = false;  ///< ChannelSpec::coalesce, unless configured: people read it, no program
    void (*check)(const ChannelSpec& spec, std::vector<ChannelFinding>& out) = nullptr;

    // How it is set up.
    std::string_view path{};     ///< of the request, when the URL names only the host; "" = the URL is whole
    std::string_view keyless{};  ///< worth telling when there is no key

    // What leaves, and what comes back.
    std::size_t in_flight_max = SIZE_MAX;  ///< orders of one channel under way at once
    Request (*build)(const PageInput& in) = nullptr;
    AnswerTable answers{};                                          ///< HTTP
    SendVerdict (*read_exit)(const ProcessReply& reply) = nullptr;  ///< of a command
    SendVerdict (*read_mail)(const MailReply& reply) = nullptr;
    /// The provider can be asked for receipts and for messages of people. nullopt: nothing of this kind, as configured.
    std::optional<HttpRequest> (*ask)(PullKind kind, const ChannelSetup& channel) = nullptr;
    Pulled (*read_pulled)(PullKind kind, const HttpReply& reply) = nullptr;

    bool pulls() const { return ask != nullptr; }
    const ChannelKey* find_key(std::string_view key) const;
};

/// In the order in which people are told of them. They live as long as the program.
std::span<const ChannelType* const> channel_types();
/// nullptr when there is none of this name.
const ChannelType* channel_type(std::string_view name);

/// What the answer means, whatever carried the page. Total: every reply has a verdict.
SendVerdict verdict_of(const ChannelType& type, const HttpReply& reply);
SendVerdict verdict_of(const ChannelType& type, const ProcessReply& reply);
SendVerdict verdict_of(const ChannelType& type, const MailReply& reply);

/// The text of a key: as configured, else its fallback; empty when there is neither.
std::string setting(const ChannelSpec& spec, std::string_view key);

/// A request with the channel's URL, CA file and proxy, for a body of JSON.
HttpRequest json_request(const ChannelSetup& channel);

/// What keeps a way warm: a HEAD for the root of the host that pages of this channel go to, without path, query or login, so that it has
/// no effect there; and after which time without a page.
struct IdleUse {
    HttpRequest request;
    Span every{0};
};
/// nullopt: this channel is not kept warm. Only https:// is: elsewhere a new connection costs next to nothing.
std::optional<IdleUse> idle_request(const ChannelSetup& channel);

/// A key of ours as it leaves: with the store's name in front, because ids begin again when a store is lost, and a sink that
/// honours keys would take the next surge for one it has seen.
std::string outgoing_key(const ChannelSetup& channel, const std::string& key);

}  // namespace surged
