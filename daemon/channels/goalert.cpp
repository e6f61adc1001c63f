// GoAlert's generic integration: a form.
#include <algorithm>
#include <array>

#include "channels/incident_text.hpp"
#include "channels/keys.hpp"
#include "channels/message_text.hpp"
#include "core/base/encoding.hpp"

namespace surged {
namespace {

using namespace std::chrono_literals;

constexpr std::array goalert_keys{url_key, url_file_key, token_file_key, site_key, ca_file_key, proxy_key, keep_warm_key};

constexpr std::array<AnswerRule, 1> goalert_answers = {{
    {"", "rate limit", OutcomeClass::retry, 30s, ""},
}};

Request build_goalert(const PageInput& in) {
    auto out = json_request(in.channel);
    const auto& order = in.order;
    if (!in.channel.key.empty()) {
        const auto& url = in.channel.url.reveal();
        out.url =
            Secret(url + (url.find('?') == std::string::npos ? "?" : "&") + "token=" + percent_encoded(in.channel.key.reveal()));
    }
    out.headers = {"Content-Type: application/x-www-form-urlencoded"};
    out.body = "summary=" + percent_encoded(summary_of(order)) + "&dedup=" + percent_encoded(incident_key(in)) +
               "&details=" + percent_encoded(under_text(order, cut_bytes(alert_lines(order), 6144)));
    out.body += ends_incident(order) ? "&action=close" : "";
    return out;
}

}  // namespace

const ChannelType& goalert_type() {
    static constexpr ChannelType type{.name = "goalert",
                                      .keys = goalert_keys,
                                      .one_of = url_or_file,
                                      .kind = ChannelKind::group,
                                      .path = "/api/v2/generic/incoming",
                                      .build = build_goalert,
                                      .answers = {.answers = goalert_answers, .throttle_pause = 30s}};
    return type;
}

}  // namespace surged
