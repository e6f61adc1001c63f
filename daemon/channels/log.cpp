// The channel that cannot fail: one line on the journal. Useful as a last fallback and in a first trial; people's numbers are not
// in it.
#include <string>

#include "channels/channel_type.hpp"

namespace surged {
namespace {

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        out += c;
    }
    return out + "\"";
}

Request build_line(const PageInput& in) {
    const auto& order = in.order;
    std::string people;
    for (const auto& person : order.people) {
        people += (people.empty() ? "" : ",") + person.person;
    }
    // The rendered text is bounded by the desk; the cut here is for the journal's sake.
    std::string line = "event=page page=" + quoted(clean_text(order.page, 256)) + " attempt=" + std::to_string(order.attempt) +
                       " channel=" + quoted(clean_text(order.channel, 64)) + " purpose=" + std::string(to_string(order.purpose)) +
                       " incident=" + quoted(clean_text(order.incident, 64)) + " tier=" + std::to_string(order.tier) +
                       " need=" + std::to_string(order.need) + " joined=" + std::to_string(order.joined) +
                       " people=" + quoted(clean_text(people, 512)) + " repeat=" + (order.repeat ? "true" : "false") +
                       " text=" + quoted(clean_text(order.text, 1024));
    return LineRequest{std::move(line)};
}

}  // namespace

const ChannelType& log_type() {
    static constexpr ChannelType type{.name = "log", .build = build_line};
    return type;
}

}  // namespace surged
