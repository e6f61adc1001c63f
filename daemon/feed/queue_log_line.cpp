#include "feed/queue_log_line.hpp"

#include <algorithm>
#include <charconv>

#include "core/base/bytes.hpp"
#include "core/base/encoding.hpp"
#include "core/base/text.hpp"

namespace surged {

namespace {

struct EventName {
    std::string_view name;
    QueueEvent event;
};

// Sorted by name for the binary search.
constexpr std::array<EventName, 41> event_names{{
    {"ABANDON", QueueEvent::abandon},
    {"ADDMEMBER", QueueEvent::member_add},
    {"AGENTCALLBACKLOGIN", QueueEvent::login},
    {"AGENTCALLBACKLOGOFF", QueueEvent::logoff},
    {"AGENTDUMP", QueueEvent::ring},
    {"AGENTLOGIN", QueueEvent::login},
    {"AGENTLOGOFF", QueueEvent::logoff},
    {"ATTENDEDTRANSFER", QueueEvent::transfer_attended},
    {"BLINDTRANSFER", QueueEvent::transfer_blind},
    {"CLOSED", QueueEvent::turned_away},
    {"COMPLETEAGENT", QueueEvent::complete},
    {"COMPLETECALLER", QueueEvent::complete},
    {"CONFIGRELOAD", QueueEvent::reload},
    {"CONNECT", QueueEvent::connect},
    {"ENTERQUEUE", QueueEvent::enter},
    {"EXITCODE", QueueEvent::left},
    {"EXITEMPTY", QueueEvent::exit_empty},
    {"EXITFULL", QueueEvent::turned_away},
    {"EXITHANGUP", QueueEvent::left},
    {"EXITWITHKEY", QueueEvent::exit_key},
    {"EXITWITHTIMEOUT", QueueEvent::exit_timeout},
    {"FULL", QueueEvent::turned_away},
    {"JOINEMPTY", QueueEvent::turned_away},
    {"JOINUNAVAIL", QueueEvent::turned_away},
    {"LEAVEEMPTY", QueueEvent::left},
    {"LEAVEUNAVAIL", QueueEvent::left},
    {"PAUSE", QueueEvent::member_pause},
    {"PAUSEALL", QueueEvent::member_pause},
    {"PAUSEREASON", QueueEvent::member_other},
    {"PENALTY", QueueEvent::member_other},
    {"QUEUESTART", QueueEvent::start},
    {"REMOVEMEMBER", QueueEvent::member_remove},
    {"RINGCANCELED", QueueEvent::ring},
    {"RINGINUSE", QueueEvent::member_other},
    {"RINGNOANSWER", QueueEvent::ring},
    {"SYSCOMPAT", QueueEvent::dropped},
    {"TRANSFER", QueueEvent::transfer_blind},
    {"UNPAUSE", QueueEvent::member_unpause},
    {"UNPAUSEALL", QueueEvent::member_unpause},
    {"UNPAUSEREASON", QueueEvent::member_other},
    {"WITHDRAW", QueueEvent::withdraw},
}};

QueueEvent event_of(std::string_view name) {
    const auto* at = std::lower_bound(event_names.begin(), event_names.end(), name,
                                      [](const EventName& e, std::string_view n) { return e.name < n; });
    if (at != event_names.end() && at->name == name) {
        return at->event;
    }
    return name.substr(0, 7) == "DIVERT_" ? QueueEvent::turned_away : QueueEvent::unknown;
}

constexpr std::int64_t time_min_s = 631152000;   // 1990-01-01
constexpr std::int64_t time_max_s = 4102444800;  // 2100-01-01
constexpr std::int64_t wait_max_s = 31536000;    // a year: longer is not a wait but a broken line
constexpr std::size_t name_max = 64;             // the limit of wire/names.hpp

std::string_view bare(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    return text.substr(0, text.find_last_not_of(" \t") + 1);
}

/// Bytes that are not well-formed UTF-8, control bytes and those of `also` as "%XX".
std::string spelled(std::string_view raw, std::string_view also) {
    std::string out;
    for (std::size_t i = 0; i < raw.size();) {
        std::size_t size = 1;
        while (size < 4 && i + size < raw.size() && !utf8_valid(raw.substr(i, size))) {
            ++size;
        }
        const auto piece = raw.substr(i, size);
        const auto byte = static_cast<unsigned char>(raw[i]);
        if (!utf8_valid(piece) || byte < 0x20 || byte == 0x7F || also.find(raw[i]) != std::string_view::npos) {
            out += '%';
            append_hex(out, byte, HexCase::upper);
            ++i;
        } else {
            out += piece;
            i += size;
        }
    }
    return out;
}

/// "1266833361", or with a fraction "1266833361.25" as some database exports write it.
std::optional<std::int64_t> parse_epoch_ms(std::string_view text) {
    std::int64_t whole = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, whole);
    if (error != std::errc{} || whole < time_min_s || whole >= time_max_s) {
        return std::nullopt;
    }
    std::int64_t ms = 0;
    if (stop != end) {
        std::string_view fraction(stop, static_cast<std::size_t>(end - stop));
        if (fraction.size() < 2 || fraction.size() > 10 || fraction[0] != '.') {
            return std::nullopt;
        }
        std::int64_t scale = 100;
        for (const char c : fraction.substr(1)) {
            if (c < '0' || c > '9') {
                return std::nullopt;
            }
            ms += (c - '0') * scale;
            scale /= 10;
        }
    }
    return whole * 1000 + ms;
}

}  // namespace

std::string_view to_string(LineFault fault) {
    switch (fault) {
        case LineFault::blank: return "blank";
        case LineFault::too_long: return "too_long";
        case LineFault::nul: return "nul";
        case LineFault::fields: return "fields";
        case LineFault::time: return "time";
    }
    return "?";
}

std::string_view wanted(LineFault fault) {
    switch (fault) {
        case LineFault::blank: return "a line";
        case LineFault::too_long: return "at most 4096 bytes";
        case LineFault::nul: return "text without NUL bytes (a compressed or torn file?)";
        case LineFault::fields: return "time|callid|queue|agent|EVENT|...";
        case LineFault::time: return "the time as whole seconds since 1970, as 1795902046";
    }
    return "?";
}

std::string printable(std::string_view raw, std::size_t bytes_max) {
    std::string out = spelled(raw.substr(0, bytes_max), "\"");
    return raw.size() > bytes_max ? out + "..." : out;
}

std::optional<std::int64_t> QueueLogLine::seconds_ms(std::size_t i) const {
    if (i >= param_count) {
        return std::nullopt;
    }
    const auto text = params[i];
    std::int64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stop != end || value < 0 || value > wait_max_s) {
        return std::nullopt;
    }
    return value * 1000;
}

Result<QueueLogLine, LineFault> parse_queue_log_line(std::string_view line) {
    line.remove_prefix(std::min(line.find_first_not_of('\0'), line.size()));
    if (line.empty()) {
        return tl::unexpected(LineFault::blank);
    }
    if (line.find('\0') != std::string_view::npos) {
        return tl::unexpected(LineFault::nul);
    }
    QueueLogLine out;
    std::array<std::string_view, 13> field{};
    std::size_t count = 0;
    std::string_view rest = line;
    while (count < field.size()) {
        const auto bar = rest.find('|');
        field[count++] = bare(rest.substr(0, bar));
        if (bar == std::string_view::npos) {
            break;
        }
        rest.remove_prefix(bar + 1);
    }
    if (count < 5 || field[4].empty() || field[2].empty()) {
        return tl::unexpected(LineFault::fields);
    }
    const auto ts = parse_epoch_ms(field[0]);
    if (!ts) {
        return tl::unexpected(LineFault::time);
    }
    out.ts_ms = *ts;
    out.callid = field[1];
    out.queue = field[2];
    out.agent = field[3];
    out.name = field[4];
    out.event = event_of(out.name);
    out.param_count = count - 5;
    std::copy_n(field.begin() + 5, out.param_count, out.params.begin());
    return out;
}

std::string wire_name(std::string_view raw) {
    static constexpr std::string_view hex = "0123456789ABCDEF";
    std::string out = spelled(raw, {});
    if (out.size() > name_max) {
        const auto sum = crc32c(raw);
        std::size_t cut = name_max - 9;
        while (cut > 0 && (static_cast<unsigned char>(out[cut]) & 0xC0U) == 0x80U) {
            --cut;
        }
        out.resize(cut);
        out += '~';
        for (unsigned shift = 32; shift > 0; shift -= 4) {
            out += hex[(sum >> (shift - 4)) & 15U];
        }
    }
    return out;
}

}  // namespace surged
