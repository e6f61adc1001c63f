#include "feed/poll_template.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "core/base/text.hpp"

namespace surged {
namespace {

constexpr std::int64_t day_s = 86400;

/// "2026-11-29", "2026-11-29T10:00:00" of a second counted from 1970 as the clock shows it.
std::string civil_text(std::int64_t second, bool with_clock) {
    const auto days = second >= 0 ? second / day_s : -((-second + day_s - 1) / day_s);
    const auto civil = civil_from_days(days);
    const auto rest = static_cast<int>(second - days * day_s);
    std::array<char, 80> out{};
    std::snprintf(out.data(), out.size(), "%04d-%02d-%02dT%02d:%02d:%02d", civil.year, civil.month, civil.day, rest / 3600,
                  rest / 60 % 60, rest % 60);
    const std::string text = out.data();
    return with_clock ? text : text.substr(0, text.find('T'));
}

}  // namespace

Result<PollTemplate::Piece> PollTemplate::parse_piece(std::string_view inside) {
    Piece piece;
    if (inside.starts_with("file:")) {
        piece.kind = Kind::file;
        piece.text = inside.substr(5);
        return piece.text.empty() ? Result<Piece>(fail("${file:} needs a name")) : Result<Piece>(piece);
    }
    const auto colon = inside.find(':');
    const auto what = inside.substr(0, colon);
    const auto sign = what.find_first_of("+-");
    const auto word = what.substr(0, sign);
    if (word != "now" && word != "day" && word != "slot") {
        return fail("${" + utf8_cut(inside, 40) +
                    "} is none of ${now}, ${day}, ${slot}, ${file:NAME}; a plain ${ is written $${");
    }
    piece.kind = word == "now" ? Kind::now : word == "day" ? Kind::day : Kind::slot;
    if (sign != std::string_view::npos) {
        const auto span = parse_span(what.substr(sign + 1));
        if (!span) {
            return fail("\"" + utf8_cut(what.substr(sign + 1), 40) + "\" is no duration: 15m, 1h, 24h");
        }
        piece.shift_ms = what[sign] == '-' ? -span->count() : span->count();
    }
    if (colon != std::string_view::npos) {
        const auto form = inside.substr(colon + 1);
        constexpr std::array<std::pair<std::string_view, Form>, 5> forms{
            {{"iso", Form::iso}, {"s", Form::s}, {"ms", Form::ms}, {"date", Form::date}, {"local", Form::local}}};
        const auto found = std::find_if(forms.begin(), forms.end(), [&](const auto& f) { return f.first == form; });
        if (found == forms.end()) {
            return fail("behind the colon comes iso, s, ms, date or local, not \"" + utf8_cut(form, 40) + "\"");
        }
        piece.form = found->second;
    }
    return piece;
}

Result<PollTemplate, TemplateError> PollTemplate::parse(std::string_view text) {
    PollTemplate out;
    std::string plain;
    const auto end_plain = [&] {
        if (!plain.empty()) {
            out.pieces_.push_back({Kind::text, std::move(plain), 0, Form::iso});
            plain.clear();
        }
    };
    for (std::size_t at = 0; at < text.size();) {
        const auto rest = text.substr(at);
        if (rest.starts_with("$${")) {
            plain += "${";
            at += 3;
            continue;
        }
        if (!rest.starts_with("${")) {
            plain += text[at++];
            continue;
        }
        const auto end = rest.find('}');
        if (end == std::string_view::npos) {
            return tl::unexpected(TemplateError{at, "${ is not closed"});
        }
        auto piece = parse_piece(rest.substr(2, end - 2));
        if (!piece) {
            return tl::unexpected(TemplateError{at, piece.error().message});
        }
        end_plain();
        out.pieces_.push_back(std::move(*piece));
        at += end + 1;
    }
    end_plain();
    return out;
}

std::string PollTemplate::moment(const Piece& piece, const TemplateTimes& times) {
    static const Zone utc;
    const Zone& zone = times.zone != nullptr ? *times.zone : utc;
    auto ms = times.now_ms;
    if (piece.kind != Kind::now) {
        auto civil = zone.to_civil(wall_time(times.now_ms));
        const auto second = civil.second_of_day;
        const auto slot_s = std::max<std::int64_t>(1, times.slot.count() / 1000);
        civil.second_of_day = piece.kind == Kind::day ? 0 : static_cast<int>(second - second % slot_s);
        ms = to_ms(zone.first_instant(civil));
        if (ms > times.now_ms) {
            ms = times.now_ms;  // inside a gap of the clock
        }
    }
    ms += piece.shift_ms;
    const auto second = ms / 1000;
    switch (piece.form) {
        case Form::s: return std::to_string(second);
        case Form::ms: return std::to_string(ms);
        case Form::iso: return civil_text(second, true) + "Z";
        case Form::date: return civil_text(second + zone.offset_s(wall_time(ms)), false);
        case Form::local: return civil_text(second + zone.offset_s(wall_time(ms)), true);
    }
    return {};
}

Result<std::string> PollTemplate::fill(const TemplateTimes& times, const ReadSecretText& read_secret) const {
    std::string out;
    for (const auto& piece : pieces_) {
        if (piece.kind == Kind::text) {
            out += piece.text;
        } else if (piece.kind == Kind::file) {
            auto secret = read_secret(piece.text);
            if (!secret) {
                return tl::unexpected(secret.error());
            }
            out += *secret;
        } else {
            out += moment(piece, times);
        }
    }
    return out;
}

std::vector<std::string> PollTemplate::files() const {
    std::vector<std::string> out;
    for (const auto& piece : pieces_) {
        if (piece.kind == Kind::file) {
            out.push_back(piece.text);
        }
    }
    return out;
}

const std::string& PollTemplate::front() const {
    static const std::string none;
    return pieces_.empty() || pieces_.front().kind != Kind::text ? none : pieces_.front().text;
}

bool PollTemplate::fixed() const {
    return std::all_of(pieces_.begin(), pieces_.end(), [](const Piece& piece) { return piece.kind == Kind::text; });
}

}  // namespace surged
