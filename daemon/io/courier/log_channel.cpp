// The channel that cannot fail: one line on the journal. Useful as a last fallback and in a first trial; people's numbers are not
// in it.
#include <string>

#include "io/courier/channel.hpp"

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

class Log final : public ChannelType {
public:
    void load(LoadedChannel&, const LoadContext&) const override {}

    Request build(const SendOrder& order, const LoadedChannel&, std::int64_t) const override {
        std::string people;
        for (const auto& person : order.people) {
            people += (people.empty() ? "" : ",") + person.person;
        }
        // The rendered text is bounded by the desk; the cut here is for the journal's sake.
        std::string line = "event=page page=" + quoted(clean_text(order.page, 256)) +
                           " attempt=" + std::to_string(order.attempt) + " channel=" + quoted(clean_text(order.channel, 64)) +
                           " purpose=" + std::string(to_string(order.purpose)) +
                           " incident=" + quoted(clean_text(order.incident, 64)) + " tier=" + std::to_string(order.tier) +
                           " need=" + std::to_string(order.need) + " joined=" + std::to_string(order.joined) +
                           " people=" + quoted(clean_text(people, 512)) + " repeat=" + (order.repeat ? "true" : "false") +
                           " text=" + quoted(clean_text(order.text, 1024));
        return LineRequest{std::move(line)};
    }
};

}  // namespace

const ChannelType& log_channel() {
    static const Log type;
    return type;
}

}  // namespace surged
