// The file of `surgectl feed poll`: its tables but what answers mean, which is poll_config_map.cpp.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>

#include "config/includes.hpp"
#include "config/reader.hpp"
#include "config/zones.hpp"
#include "core/base/ranges.hpp"
#include "feed/poll_config.hpp"
#include "os/file.hpp"
#include "wire/names.hpp"

namespace surged {
namespace {

constexpr std::size_t asks_max = 64;
constexpr std::array<std::pair<std::string_view, PagingPlan::Into>, 2> paging_ways{
    {{"query", PagingPlan::Into::query}, {"body", PagingPlan::Into::body}}};

bool is_http_url(std::string_view text) {
    return text.starts_with("http://") || text.starts_with("https://");
}

std::string lower_case(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return text;
}

bool is_secret_header(const std::string& name) {
    constexpr std::array<std::string_view, 6> secret{"authorization", "proxy-authorization", "cookie", "x-api-key",
                                                     "api-key",       "x-auth-token"};
    return contains(secret, lower_case(name));
}

/// A secret that goes over the network in the clear can be read by whoever is between.
void warn_of_plain_http(TableReader& table, std::string_view key, std::string_view url, bool secrets) {
    if (!secrets || !url.starts_with("http://")) {
        return;
    }
    const auto host = url.substr(7, url.find_first_of(":/?", 7) - 7);
    if (host != "localhost" && host != "127.0.0.1" && host != "[::1]") {
        table.report().warning(table.at(key),
                               "`" + std::string(key) + "` is http:// and not https://: whoever is on the way reads the secret");
    }
}

class PollConfigReader {
public:
    PollConfigReader(const Node& root, Report& report, PollPlan& plan) : root_(root), report_(report), plan_(plan) {}

    void read() {
        TableReader root(root_, "the file", report_);
        read_feed(root);
        each_named(root, "oauth", [this](const std::string& name, TableReader& table) { read_oauth(name, table); });
        each_named(root, "database", [this](const std::string& name, TableReader& table) { read_database(name, table); });
        const auto asks = root.tables("ask");
        if (asks.empty() && !root.has("ask")) {
            report_.error(root_.place, "no [[ask]]: there is nothing to ask");
        }
        if (asks.size() > asks_max) {
            report_.error(asks[asks_max]->place, "more than 64 [[ask]]");
            return;
        }
        for (const auto* node : asks) {
            TableReader table(*node, "[[ask]]", report_);
            read_ask(table);
        }
        root.finish();
    }

private:
    void read_feed(TableReader& root) {
        defaults_.centre.fixed = "main";
        const auto* node = root.table("feed");
        if (node == nullptr) {
            return;
        }
        TableReader table(*node, "[feed]", report_);
        if (table.text("source", plan_.source) && check_label(plan_.source, 64, true)) {
            table.error("source", in_quotes(plan_.source) + " is no name of a source: 1 to 64 bytes, no control characters");
        }
        read_poll_name(table, "centre", defaults_.centre);
        read_poll_name(table, "channel", defaults_.channel);
        std::string zone;
        if (table.text("timezone", zone)) {
            if (auto loaded = load_zone(zone)) {
                plan_.zone = std::move(*loaded);
            } else {
                table.error("timezone", loaded.error().message);
            }
        }
        table.text("state", plan_.state);
        table.span("resume_within", plan_.resume_within, {std::chrono::seconds{1}, std::chrono::hours{24}});
        table.finish();
    }

    template <typename Read>
    void each_named(TableReader& root, std::string_view key, Read read) {
        const auto* node = root.table(key);
        if (node == nullptr) {
            return;
        }
        for (const auto& entry : node->entries) {
            if (entry.value.kind != Node::Kind::table) {
                report_.error(entry.place, "write [" + std::string(key) + ".NAME]");
                continue;
            }
            TableReader table(entry.value, "[" + std::string(key) + "." + entry.key + "]", report_);
            read(entry.key, table);
            table.finish();
        }
    }

    void read_oauth(const std::string& name, TableReader& table) {
        auto& oauth = plan_.oauths[name];
        for (const auto* key : {"url", "client_id_file", "client_secret_file"}) {
            table.require(key);
        }
        if (table.text("url", oauth.url) && !is_http_url(oauth.url)) {
            table.error("url", "`url` begins with https://");
        }
        table.text("client_id_file", oauth.client_id_file);
        table.text("client_secret_file", oauth.client_secret_file);
        table.text("scope", oauth.scope);
        table.text("audience", oauth.audience);
        constexpr std::array<std::pair<std::string_view, bool>, 2> ways{{{"basic", false}, {"body", true}}};
        table.choice("send_as", oauth.in_body, ways);
        table.text("ca_file", oauth.ca_file);
        table.span("timeout", oauth.timeout, {std::chrono::milliseconds{100}, std::chrono::minutes{2}});
        warn_of_plain_http(table, "url", oauth.url, true);
    }

    void read_database(const std::string& name, TableReader& table) {
        auto& database = plan_.databases[name];
        constexpr std::array<std::pair<std::string_view, std::string_view>, 4> drivers{
            {{"sqlite", "sqlite"}, {"postgresql", "postgresql"}, {"mariadb", "mariadb"}, {"odbc", "odbc"}}};
        table.require("driver");
        std::string_view driver;
        table.choice("driver", driver, drivers);
        database.driver = driver;
        table.text("path", database.path);
        table.text("host", database.host);
        table.integer("port", database.port, 1, 65535);
        table.text("name", database.name);
        table.text("user", database.user);
        table.text("password_file", database.password_file);
        table.text("connection", database.connection);
        table.text("ca_file", database.ca_file);
        if (driver == "sqlite") {
            table.require("path");
        } else if (driver == "odbc") {
            table.require("connection");
        } else if (driver == "mariadb") {
            table.require("name");
        }
        const auto connection = lower_case(database.connection);
        if (connection.find("pwd") != std::string::npos || connection.find("password") != std::string::npos) {
            table.error(
                "connection",
                "secrets do not belong in the configuration text: put the password in a file and name that with `password_file`");
        }
    }

    void read_ask(TableReader& table) {
        AskPlan ask;
        ask.place = table.place();
        ask.map.centre = defaults_.centre;
        ask.map.channel = defaults_.channel;
        table.id("id", ask.id);
        if (!ask.id.empty() && !ids_.insert(ask.id).second) {
            table.error("id", "a second [[ask]] called " + in_quotes(ask.id));
        }
        table.span("every", ask.every, {std::chrono::seconds{1}, std::chrono::hours{24}});
        table.span("timeout", ask.timeout, {std::chrono::milliseconds{100}, std::chrono::minutes{5}});
        read_kind(table, ask);
        table.span("slot", ask.slot, {std::chrono::minutes{1}, std::chrono::hours{24}});
        table.span("age_max", ask.age_max, {std::chrono::seconds{1}, std::chrono::hours{24 * 7}});
        table.span("spread", ask.spread, {Span{0}, std::chrono::hours{24}});
        table.span("forget_after", ask.forget_after, {std::chrono::minutes{1}, std::chrono::hours{24 * 366}});
        read_poll_map(table, ask);
        table.finish();
        plan_.asks.push_back(std::move(ask));
    }

    void read_kind(TableReader& table, AskPlan& ask) {
        std::size_t kinds = 0;
        for (const auto& [key, kind] : {std::pair{"url", AskPlan::Kind::http},
                                        {"sql", AskPlan::Kind::sql},
                                        {"file", AskPlan::Kind::file},
                                        {"folder", AskPlan::Kind::folder}}) {
            table.know(key);
            if (table.has(key)) {
                ask.kind = kind;
                ++kinds;
            }
        }
        if (kinds != 1) {
            report_.error(table.place(), "[[ask]] needs one of `url`, `sql`, `file` and `folder`" +
                                             std::string(kinds == 0 ? "" : ", not several of them"));
            return;
        }
        switch (ask.kind) {
            case AskPlan::Kind::http: read_http(table, ask.http); break;
            case AskPlan::Kind::sql: read_sql(table, ask.sql); break;
            case AskPlan::Kind::file: table.text("file", ask.file); break;
            case AskPlan::Kind::folder:
                table.text("folder", ask.folder.folder);
                table.text("files", ask.folder.pattern);
                break;
        }
    }

    void read_sql(TableReader& table, SqlPlan& sql) {
        table.require("database");
        if (table.text("database", sql.database) && !plan_.databases.contains(sql.database)) {
            table.error("database", "no [database." + sql.database + "]");
        }
        read_poll_template(table, "sql", sql.query);
    }

    void read_http(TableReader& table, HttpPlan& http) {
        read_poll_template(table, "url", http.url);
        if (!http.url.empty() && !is_http_url(http.url.front())) {
            table.error("url", "`url` begins with https:// (or http://)");
        }
        constexpr std::array<std::pair<std::string_view, std::string_view>, 2> methods{{{"GET", "GET"}, {"POST", "POST"}}};
        PollTemplate body;
        if (read_poll_template(table, "body", body)) {
            http.body = std::move(body);
            http.method = "POST";
        }
        std::string_view method = http.method;
        table.choice("method", method, methods);
        if (http.body && method == "GET") {
            table.error("method", "a GET has no body");
        }
        http.method = method;
        read_headers(table, http);
        if (table.text("oauth", http.oauth) && !plan_.oauths.contains(http.oauth)) {
            table.error("oauth", "no [oauth." + http.oauth + "]");
        }
        PollTemplate user;
        if (read_poll_template(table, "user", user)) {
            http.user_from = std::move(user);
        }
        table.text("password_file", http.password_file);
        if (table.has("user") != table.has("password_file")) {
            table.error(table.has("user") ? "user" : "password_file", "`user` and `password_file` belong together");
        }
        read_aws(table, http);
        if (static_cast<int>(table.has("oauth")) + static_cast<int>(table.has("user")) + static_cast<int>(table.has("aws")) > 1) {
            report_.error(table.place(), "one of `oauth`, `user` and `aws`, not several of them");
        }
        read_paging(table, http);
        table.text("ca_file", http.ca_file);
        int mib = 8;
        table.integer("size_max_mib", mib, 1, 64);
        http.bytes_max = static_cast<std::size_t>(mib) << 20U;
        const bool secrets = table.has("oauth") || table.has("user") || secret_in_headers_;
        warn_of_plain_http(table, "url", http.url.front(), secrets);
    }

    void read_headers(TableReader& table, HttpPlan& http) {
        secret_in_headers_ = false;
        const auto* node = table.table("headers");
        if (node == nullptr) {
            return;
        }
        TableReader headers(*node, "`headers`", report_);
        for (const auto& entry : node->entries) {
            PollTemplate value;
            const bool good = !entry.key.empty() && std::all_of(entry.key.begin(), entry.key.end(),
                                                                [](char c) { return c > ' ' && c < 0x7F && c != ':'; });
            if (!good) {
                report_.error(entry.place, in_quotes(entry.key) + " is no name of a header");
            } else if (read_poll_template(headers, entry.key, value)) {
                const bool secret = !value.files().empty();
                secret_in_headers_ = secret_in_headers_ || secret;
                if (is_secret_header(entry.key) && !secret) {
                    report_.error(entry.value.place,
                                  "secrets do not belong in the configuration text: write e.g. \"Bearer ${file:token}\"");
                }
                http.headers.emplace_back(entry.key, std::move(value));
            }
        }
    }

    void read_aws(TableReader& table, HttpPlan& http) {
        const auto* node = table.table("aws");
        if (node == nullptr) {
            return;
        }
        TableReader aws(*node, "`aws`", report_);
        AwsPlan plan;
        for (const auto* key : {"region", "service", "key_id_file", "secret_key_file"}) {
            aws.require(key);
        }
        aws.id("region", plan.region);
        aws.id("service", plan.service);
        aws.text("key_id_file", plan.key_id_file);
        aws.text("secret_key_file", plan.secret_key_file);
        aws.text("token_file", plan.token_file);
        aws.finish();
        http.aws = std::move(plan);
    }

    void read_paging(TableReader& table, HttpPlan& http) {
        const auto* node = table.table("page");
        if (node == nullptr) {
            return;
        }
        TableReader page(*node, "`page`", report_);
        PagingPlan plan;
        page.require("next");
        read_poll_path(page, "next", plan.next);
        std::size_t ways = 0;
        for (const auto& [key, into] : paging_ways) {
            page.know(key);
            if (page.has(key) && page.text(key, plan.name)) {
                plan.into = into;
                ++ways;
            }
        }
        if (ways > 1) {
            report_.error(page.place(), "`page` has one of `query` and `body`; without them `next` is a URL");
        }
        if (plan.into == PagingPlan::Into::body && !http.body) {
            page.error("body", "there is no `body` of the request to put it into");
        }
        page.integer("max", plan.pages_max, 1, 1000);
        page.finish();
        http.paging = std::move(plan);
    }

    const Node& root_;
    Report& report_;
    PollPlan& plan_;
    MapRule defaults_;
    std::set<std::string> ids_;
    bool secret_in_headers_ = false;
};

LoadedPollPlan load_from(SourceSet& set, Report& report) {
    LoadedPollPlan out;
    if (!set.torn) {
        PollConfigReader(set.root, report, out.plan).read();
    }
    out.good = !report.failed();
    out.findings = report.take();
    return out;
}

}  // namespace

bool read_poll_template(TableReader& table, std::string_view key, PollTemplate& out) {
    const auto* node = table.any(key);
    if (node == nullptr) {
        return false;
    }
    if (node->kind != Node::Kind::text || node->text.size() > 65536) {
        table.report().error(node->place, "`" + std::string(key) + "` must be a string of at most 64 KiB");
        return false;
    }
    auto parsed = PollTemplate::parse(node->text);
    if (!parsed) {
        table.report().error(place_in_text(*node, parsed.error().offset), parsed.error().message);
        return false;
    }
    if (parsed->empty()) {
        table.report().error(node->place, "`" + std::string(key) + "` is empty");
        return false;
    }
    out = std::move(*parsed);
    return true;
}

LoadedPollPlan parse_poll_plan(const std::string& name, const std::string& text) {
    SourceSet set;
    Report report;
    load_text(name, text, set, report);
    return load_from(set, report);
}

LoadedPollPlan load_poll_plan(const std::string& path) {
    const auto text = read_file(path, text_bytes_max + 1);
    if (!text) {
        LoadedPollPlan out;
        out.findings.push_back(
            {Severity::error, path, 0, 0,
             "cannot read: " + std::string(text.error() == EISDIR ? "is a folder" : std::strerror(text.error()))});
        return out;
    }
    auto out = parse_poll_plan(path, *text);
    out.plan.base_dir = std::filesystem::path(path).parent_path().string();
    return out;
}

}  // namespace surged
