#include "config/channel_types.hpp"

#include <algorithm>
#include <array>

namespace surged {

using namespace std::chrono_literals;

namespace {

constexpr std::array<std::string_view, 2> url_or_file{"url", "url_file"};
constexpr std::array<std::string_view, 3> mentions{"people", "all", "none"};
constexpr std::array<std::string_view, 3> tls_words{"starttls", "implicit", "none"};

constexpr ChannelKey url{"url", false, KeyForm::url};
constexpr ChannelKey url_file{"url_file"};
constexpr ChannelKey whole_url_file{"url_file", true};  // the URL is the secret
constexpr ChannelKey secret_file{"secret_file"};
constexpr ChannelKey token_file{"token_file"};
constexpr ChannelKey ca_file{"ca_file"};
constexpr ChannelKey proxy{"proxy", false, KeyForm::url};
constexpr ChannelKey keyword{"keyword"};
constexpr ChannelKey mention{"mention", false, KeyForm::choice, mentions};
constexpr ChannelKey site{"site"};

constexpr std::array<ChannelKey, 5> webhook_keys{url, url_file, secret_file, ca_file, proxy};
constexpr std::array<ChannelKey, 6> signed_robot_keys{whole_url_file, secret_file, keyword, mention, ca_file, proxy};
constexpr std::array<ChannelKey, 5> robot_keys{whole_url_file, keyword, mention, ca_file, proxy};
constexpr std::array<ChannelKey, 4> slack_keys{whole_url_file, mention, ca_file, proxy};
constexpr std::array<ChannelKey, 8> email_keys{{{"server", true, KeyForm::server},
                                                {"from", true, KeyForm::mail},
                                                {"from_name"},
                                                {"user"},
                                                {"password_file"},
                                                {"tls", false, KeyForm::choice, tls_words},
                                                {"hello"},
                                                ca_file}};
constexpr std::array<ChannelKey, 5> pagerduty_keys{{{"routing_key_file", true}, url, site, ca_file, proxy}};
constexpr std::array<ChannelKey, 9> alertmanager_keys{
    {url, url_file, token_file, site, {"alertname"}, {"severity"}, {"hold", false, KeyForm::span}, ca_file, proxy}};
constexpr std::array<ChannelKey, 6> goalert_keys{url, url_file, token_file, site, ca_file, proxy};
constexpr std::array<ChannelKey, 13> cmas_keys{{url,
                                                url_file,
                                                {"ec_name", true},
                                                {"ap_id", true},
                                                {"secret_file", true},
                                                {"sign", true},
                                                {"add_serial"},
                                                {"template_id"},
                                                {"signature"},
                                                {"report_url", false, KeyForm::url},
                                                {"reply_url", false, KeyForm::url},
                                                ca_file,
                                                proxy}};

}  // namespace

const std::vector<ChannelTypeRow>& channel_types() {
    constexpr auto group = ChannelKind::group;
    static const std::vector<ChannelTypeRow> rows{
        {.name = "webhook", .keys = webhook_keys, .one_of = url_or_file},
        {.name = "exec", .command = true},
        {.name = "log"},
        // 20 a minute, then blocked for ten: a quarter is left to other senders and to clocks that differ.
        {.name = "dingtalk", .keys = signed_robot_keys, .kind = group, .rate = {15, 1min}, .most = {20, 1min}, .coalesce = true},
        {.name = "wecom", .keys = robot_keys, .kind = group, .rate = {15, 1min}, .most = {20, 1min}, .coalesce = true},
        // 100 a minute and 5 a second: three in two seconds keeps both.
        {.name = "feishu", .keys = signed_robot_keys, .kind = group, .rate = {3, 2s}, .most = {100, 1min}, .coalesce = true},
        {.name = "slack", .keys = slack_keys, .kind = group, .rate = {1, 1s}, .most = {1, 1s}, .coalesce = true},
        {.name = "email", .keys = email_keys, .reach = ReachBy::email, .coalesce = true},
        {.name = "pagerduty", .keys = pagerduty_keys, .kind = group, .rate = {100, 1min}, .most = {120, 1min}},
        {.name = "alertmanager", .keys = alertmanager_keys, .one_of = url_or_file, .kind = group, .repost = 1min},
        {.name = "goalert", .keys = goalert_keys, .one_of = url_or_file, .kind = group},
        {.name = "cmas_sms",
         .keys = cmas_keys,
         .one_of = url_or_file,
         .rate = {20, 1s},
         .text_limit = 70,
         .reach = ReachBy::mobile,
         .coalesce = true,
         .pulls = true},
    };
    return rows;
}

const ChannelTypeRow* channel_type(std::string_view name) {
    const auto& rows = channel_types();
    const auto at = std::find_if(rows.begin(), rows.end(), [&](const ChannelTypeRow& row) { return row.name == name; });
    return at == rows.end() ? nullptr : &*at;
}

}  // namespace surged
