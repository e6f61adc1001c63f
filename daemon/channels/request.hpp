// What a channel type makes of a page, one kind for each kind of carrier. The carriers of io/courier send it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "channels/reply.hpp"
#include "channels/secret.hpp"

namespace surged {

struct HttpRequest {
    Secret url;
    std::vector<std::string> headers;  ///< "Name: value"
    std::string body;
    bool head = false;                 ///< a HEAD without a body, which asks for nothing; else a POST
    std::string ca_file;               ///< empty = the system's trust store
    std::string proxy;                 ///< empty = none, whatever the environment says
    std::size_t reply_max = 65536;     ///< bytes of the answer's body that are read
};
/// Where a program without a slash in its name is looked for, and the PATH it runs with.
inline constexpr std::string_view command_search_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
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

/// Nothing leaves; `why` is for people.
inline NoRequest refused(std::string why) {
    return {{OutcomeClass::reject, Span{0}, std::move(why), Span{0}, {}}};
}

}  // namespace surged
