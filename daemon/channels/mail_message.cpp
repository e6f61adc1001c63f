#include "channels/mail_message.hpp"

#include <algorithm>
#include <array>
#include <ctime>

#include "channels/message_phrases.hpp"
#include "channels/message_text.hpp"
#include "channels/reply.hpp"
#include "channels/signature.hpp"
#include "core/base/clock_text.hpp"
#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "core/paging/value_text.hpp"

namespace surged {
namespace {

constexpr std::size_t word_bytes_max = 45;  // of UTF-8 in one encoded word: 60 of base64, and 12 around them
constexpr std::size_t line_chars = 76;
constexpr std::size_t subject_points = 80;
constexpr std::size_t id_bytes_max = 200;
constexpr std::size_t id_bytes_kept = 140;
constexpr std::size_t alerts_bytes_max = 16384;

std::string base64_lines(std::string_view text) {
    const auto coded = base64(text);
    std::string out;
    for (std::size_t at = 0; at < coded.size(); at += line_chars) {
        out += coded.substr(at, line_chars) + "\r\n";
    }
    return out;
}

std::string crlf_lines(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\n') {
            out += "\r\n";
        } else if (c != '\r') {
            out += c;
        }
    }
    return out;
}

std::string text_of(const SendOrder& order) {
    const MessageSay say{order.language};
    std::string out = order.text + "\n\n";
    const auto row = [&](const std::string& name, const std::string& value) {
        if (!value.empty()) {
            out += say("row", {{"name", name}, {"value", value}}) + "\n";
        }
    };
    row(say("answer"), order.link);
    row(say("scope"), place_text(order));
    row(say("incident"), order.incident);
    if (!order.incident.empty()) {
        row(say("level"), order.level == Level::none ? std::string() : level_text(order.level, order.language));
        row(say("tier"), std::to_string(order.tier));
        row(say("counts"),
            std::to_string(order.need) + "/" + std::to_string(order.joined) + "/" + std::to_string(order.seats_arrived));
    }
    row(say("time"), order.when.empty() ? utc_text(order.wall) : order.when);
    row(say("page"), order.page + " #" + std::to_string(order.attempt));
    if (!order.alerts.empty()) {
        out += "\n" + cut_bytes(alert_lines(order), alerts_bytes_max);
    }
    return crlf_lines(out);
}

}  // namespace

std::string header_text(std::string_view text) {
    const auto clean = clean_text(text, 1000);
    const auto plain = [](char c) { return c >= ' ' && c <= '~'; };
    if (clean.size() <= line_chars - 16 && std::ranges::all_of(clean, plain) &&
        clean.find("=?") == std::string::npos) {
        return clean;
    }
    std::string out;
    std::string_view rest = clean;
    while (!rest.empty()) {
        std::size_t take = std::min(rest.size(), word_bytes_max);
        while (take < rest.size() && take > 0 && (static_cast<unsigned char>(rest[take]) & 0xC0U) == 0x80U) {
            --take;
        }
        out += (out.empty() ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?") + base64(rest.substr(0, take)) + "?=";
        rest.remove_prefix(take);
    }
    return out;
}

std::string message_id(std::string_view page, std::string_view domain) {
    auto local = escape_bytes(page, '=', [](char c) { return ascii_letter_or_digit(c) || c == '-' || c == '_' || c == '/'; });
    if (local.size() > id_bytes_max) {
        local = local.substr(0, id_bytes_kept) + "/" + md5_hex(page);
    }
    return "<" + local + "@" + std::string(domain) + ">";
}

bool mail_address_valid(std::string_view address) {
    const auto at = address.find('@');
    if (at == std::string_view::npos || at == 0 || at + 1 == address.size() || address.size() > 254 ||
        address.find('@', at + 1) != std::string_view::npos) {
        return false;
    }
    return std::ranges::none_of(address, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte <= ' ' || byte >= 0x7F || std::string_view("<>()[]\\\",;:").find(c) != std::string_view::npos;
    });
}

std::string mail_date(std::int64_t unix_s) {
    // By hand: strftime's names follow the process's locale.
    static constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t seconds = unix_s;
    std::tm t{};
    ::gmtime_r(&seconds, &t);
    return std::string(days[static_cast<std::size_t>(t.tm_wday)]) + ", " + two_digits(t.tm_mday) + " " +
           months[static_cast<std::size_t>(t.tm_mon)] + " " + std::to_string(t.tm_year + 1900) + " " + minute_text(t.tm_hour * 60 + t.tm_min) + ":" +
           two_digits(t.tm_sec) + " +0000";
}

std::string mail_message(const SendOrder& order, const MailParts& parts) {
    const auto domain = parts.from.substr(parts.from.find('@') + 1);
    const auto header = [](std::string_view name, const std::string& value) { return std::string(name) + ": " + value + "\r\n"; };
    std::string out = header("Date", parts.date);
    const auto name = header_text(parts.from_name);
    const bool bare =
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -_") == std::string::npos;
    const auto shown = bare || name.starts_with("=?") ? name : std::string("surged");
    out += header("From", name.empty() ? parts.from : shown + " <" + parts.from + ">");
    out += header("To", parts.to);
    out += header("Subject", header_text(utf8_cut(clean_text(order.text, 400), subject_points)));
    const auto ours = parts.installation.empty() ? std::string() : parts.installation + "/";
    out += header("Message-ID", message_id(ours + order.page, domain));
    if (!order.incident.empty()) {
        out += header("References", message_id(ours + "incident/" + order.incident, domain));  // one thread an incident
    }
    out += header("Auto-Submitted", "auto-generated");  // RFC 3834: no holiday notices come back
    out += header("MIME-Version", "1.0");
    out += header("Content-Type", "text/plain; charset=utf-8");
    out += header("Content-Transfer-Encoding", "base64");
    if (calls_people(order.purpose)) {
        out += header("Importance", "high");
    }
    return out + "\r\n" + base64_lines(text_of(order));
}

}  // namespace surged
