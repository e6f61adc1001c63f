#include "ctl/context.hpp"

#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "config/zones.hpp"
#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "os/file.hpp"

namespace surged {
namespace {

constexpr int unavailable_tries = 3;
constexpr std::size_t token_file_bytes_max = std::size_t{64} << 10U;

/// Some bytes nobody else will send: what makes a repeated request one request.
std::string fresh_key() {
    std::array<unsigned char, 12> bytes{};
    [[maybe_unused]] const auto got = ::getrandom(bytes.data(), bytes.size(), 0);
    return "ctl-" + to_hex(bytes);
}

/// A person's own token file: one token, perhaps in the daemon's form "role token [person]".
std::string token_of(Context& context) {
    if (context.token_file.empty()) {
        return context.token;
    }
    std::istringstream in(read_file(context.token_file, token_file_bytes_max).value_or(""));
    std::string line;
    std::getline(in >> std::ws, line);
    std::istringstream words(line);
    std::string first;
    std::string second;
    words >> first >> second;
    if (first.empty()) {
        context.fail(ctl_usage, "no token in " + context.token_file);
    }
    return second.empty() ? first : second;
}

CtlExit exit_of(int status) {
    switch (status) {
        case 401:
        case 403: return ctl_forbidden;
        case 400:
        case 405:
        case 411:
        case 413:
        case 415: return ctl_usage;
        case 503: return ctl_unreachable;
        default: return ctl_no;
    }
}

JsonLimits reply_limits() {
    return {std::size_t{64} << 20U, 32, 20000000};
}

std::size_t width_of(std::string_view text) {
    std::size_t width = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\x1b') {  // a colour of ours: ESC [ ... m; what others wrote has none (fit_for_terminal)
            i = std::min(text.find('m', i), text.size());
            continue;
        }
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xC0U) != 0x80U) {
            width += byte >= 0xE3U ? 2U : 1U;  // U+3000 and above: CJK, kana, hangul, full-width forms
        }
    }
    return width;
}

}  // namespace

void Context::fail(CtlExit code, const std::string& message) {
    if (!quiet) {
        std::fprintf(stderr, "surgectl: %s\n", message.c_str());
    }
    exit_code = code;
}

Look Context::look() const {
    const bool terminal = ::isatty(STDOUT_FILENO) != 0;
    const auto asked = language.empty() ? language_of_environment() : std::optional(language == "zh" ? Language::zh : Language::en);
    const Language speaks = asked.value_or(file_language.value_or(Language::en));
    return {speaks, terminal || !language.empty() ? speaks : Language::en, colours_wanted(colour, terminal)};
}

void Context::begin_with(const ClientFile& file) {
    server = file.server.empty() ? server : file.server;
    token = file.token;
    token_file = file.token_file;
    ca_file = file.ca_file;
    file_language = file.language;
}

Api::Api(Context& context)
    : context_(context), servers_(servers_of(context.server),
                                  {.server = {},
                                   .token = token_of(context),
                                   .ca_file = context.ca_file,
                                   .cert_file = {},
                                   .key_file = {},
                                   .connect_timeout = context.connect_timeout,
                                   .timeout = context.timeout},
                                  context.server_at, context.standby_rounds) {}

Result<ClientReply> Api::ask(const Servers::Ask& question) {
    auto reply = servers_.ask(question);
    context_.server_at = servers_.at();
    return reply;
}

std::optional<std::string> Api::judge(const Result<ClientReply>& reply) {
    if (!reply) {
        context_.fail(ctl_unreachable, reply.error().message + context_.look().say("is_it_running"));
        return std::nullopt;
    }
    if (reply->status >= 200 && reply->status < 300) {
        return reply->body;
    }
    std::string message = "HTTP " + std::to_string(reply->status);
    if (const auto json = parse_json(reply->body)) {
        if (const JsonValue* error = json->find("error")) {
            message = error->text_or("message", message);
        } else {
            message = json->text_or("message", message);
        }
    }
    context_.fail(exit_of(reply->status), message);
    return std::nullopt;
}

namespace {
/// The same document, fit for a terminal: what feeders and people wrote into names cannot move its cursor or turn its lines.
JsonValue fit_for_terminal(const JsonValue& json) {
    if (const auto* text = json.text()) {
        return JsonValue(std::in_place_type<std::string>, shown_safely(*text));
    }
    if (const auto* array = json.array()) {
        JsonValue::Array out;
        out.reserve(array->size());
        for (const JsonValue& value : *array) {
            out.push_back(fit_for_terminal(value));
        }
        return JsonValue(std::in_place_type<JsonValue::Array>, std::move(out));
    }
    if (const auto* object = json.object()) {
        JsonValue::Object out;
        for (const auto& [name, value] : *object) {
            out.emplace(shown_safely(name), fit_for_terminal(value));
        }
        return JsonValue(std::in_place_type<JsonValue::Object>, std::move(out));
    }
    return json;
}
}  // namespace

std::optional<JsonValue> Api::parse(const std::optional<std::string>& body) {
    if (!body) {
        return std::nullopt;
    }
    auto json = parse_json(*body, reply_limits());
    if (!json) {
        context_.fail(ctl_unreachable, "what answers at " + server() + " is not surged: " + json.error().message);
        return std::nullopt;
    }
    return context_.json ? std::move(*json) : fit_for_terminal(*json);
}

std::optional<std::string> Api::get(const std::string& path) {
    return judge(ask([&](HttpClient& client) { return client.get(path); }));
}

std::optional<JsonValue> Api::read(const std::string& path) {
    return parse(get(path));
}

std::optional<JsonValue> Api::post(const std::string& path, const std::string& json) {
    const std::string key = fresh_key();
    for (int attempt = 1;; ++attempt) {
        const auto reply = ask([&](HttpClient& client) { return client.post(path, json, key); });
        if (reply && reply->status == 503 && attempt < unavailable_tries) {
            std::this_thread::sleep_for(std::chrono::seconds{1});
            continue;
        }
        return parse(judge(reply));
    }
}

std::optional<JsonValue> Api::remove(const std::string& path) {
    return parse(judge(ask([&](HttpClient& client) { return client.remove(path); })));
}

Zone Api::zone() {
    const auto reply = ask([](HttpClient& client) { return client.get("/api/v1/status"); });
    const auto status = reply && reply->status == 200 ? parse_json(reply->body, reply_limits()) : fail("no status");
    const auto name = status ? status->text_or("timezone", "") : std::string();
    if (name.empty()) {
        return local_zone();
    }
    auto loaded = load_zone(name);
    return loaded ? std::move(*loaded) : local_zone();
}

bool Api::events(const std::function<bool(std::string_view, std::string_view)>& each, const std::function<bool()>& stopped,
                 std::optional<std::uint64_t> after) {
    bool ended_by_us = false;
    const std::string path = after ? "/api/v1/events?after=" + std::to_string(*after) : std::string("/api/v1/events");
    const auto one = [&](std::string_view type, std::string_view data) {
        ended_by_us = !each(type, data);
        return !ended_by_us;
    };
    const auto reply = ask([&](HttpClient& client) { return client.events(path, one, stopped); });
    if (ended_by_us || stopped()) {
        return true;
    }
    if (!reply || reply->status != 200) {
        judge(reply);
    }
    return false;
}

StopOnSignal::StopOnSignal() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    thread_ = std::thread([this, set] {
        const timespec moment{0, 100000000};
        while (!ended_) {
            if (sigtimedwait(&set, nullptr, &moment) > 0) {
                stop_ = true;
            }
        }
    });
}

StopOnSignal::~StopOnSignal() {
    ended_ = true;
    thread_.join();
}

std::optional<LoadedConfig> load_for_ctl(Context& context, const std::string& path) {
    LoadedConfig config = load_config(path);
    for (const Diagnostic& diagnostic : config.diagnostics) {
        if (diagnostic.severity == Severity::error) {
            std::fprintf(stderr, "%s\n", diagnostic.text().c_str());
        }
    }
    if (!config.ok()) {
        context.fail(ctl_usage, path + " has errors");
        return std::nullopt;
    }
    return config;
}

Zone local_zone() {
    std::string name;
    if (const char* tz = std::getenv("TZ"); tz != nullptr && *tz != '\0') {  // NOLINT: no other thread sets it
        name = *tz == ':' ? tz + 1 : tz;
    } else {
        std::error_code failed;
        const std::string target = std::filesystem::read_symlink("/etc/localtime", failed).string();
        const std::size_t at = target.find("zoneinfo/");
        name = failed || at == std::string::npos ? "" : target.substr(at + 9);
    }
    if (name.empty()) {
        return {};
    }
    auto zone = load_zone(name);
    return zone ? std::move(*zone) : Zone{};
}

std::optional<Zone> named_zone(Context& context, const std::string& name) {
    if (name.empty()) {
        return local_zone();
    }
    auto loaded = load_zone(name);
    if (!loaded) {
        context.fail(ctl_usage, "no time zone " + name);
        return std::nullopt;
    }
    return std::move(*loaded);
}

std::optional<Zone> named_zone(Context& context, Api& api, const std::string& name) {
    return name.empty() ? std::optional(api.zone()) : named_zone(context, name);
}

Zone zone_or_utc(const std::string& name) {
    auto zone = load_zone(name);
    return zone ? std::move(*zone) : Zone{};
}

std::string zone_note(const Zone& zone, const Look& look) {
    return look.say("zone_note", {{"zone", zone.name()}}) + "\n";
}

std::string TextTable::text() const {
    std::vector<std::size_t> widths;
    for (const auto& row : rows_) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], width_of(row[i]));
        }
    }
    std::string out;
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            out += row[i];
            if (i + 1 < row.size()) {
                out.append(widths[i] - width_of(row[i]) + 2, ' ');
            }
        }
        out += '\n';
    }
    return out;
}

}  // namespace surged
