#include "feed/esl_parser.hpp"

#include <algorithm>

#include "core/base/encoding.hpp"
#include "feed/switch_text.hpp"

namespace surged {

namespace {
constexpr std::int64_t length_max = std::int64_t{1} << 30U;
constexpr std::int64_t year_2100_us = 4'102'444'800'000'000;
}  // namespace

void EslParser::restart() {
    line_.clear();
    type_.clear();
    reply_.clear();
    body_.clear();
    body_left_ = 0;
    lines_ = 0;
    in_body_ = cut_ = ended_ = broken_ = false;
}

bool EslParser::take_head(std::string_view& bytes) {
    if (ended_) {
        type_.clear();
        reply_.clear();
        body_.clear();
        cut_ = ended_ = false;
    }
    const auto end = bytes.find('\n');
    const auto part = bytes.substr(0, end);
    if (line_.size() + part.size() > bounds_.line) {
        broken_ = true;
        return false;
    }
    line_.append(part);
    bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
    return end != std::string_view::npos && end_of_line();
}

bool EslParser::end_of_line() {
    const auto line = switch_trimmed(line_);
    if (line.empty()) {
        line_.clear();
        if (lines_ == 0) {
            return false;  // between two frames
        }
        lines_ = 0;
        in_body_ = body_left_ > 0;
        return !in_body_;
    }
    const auto colon = line.find(':');
    if (++lines_ > bounds_.lines || colon == std::string_view::npos) {
        broken_ = true;
        return false;
    }
    const auto key = line.substr(0, colon);
    const auto value = switch_trimmed(line.substr(colon + 1));
    if (same_switch_word(key, "Content-Type")) {
        type_ = value;
    } else if (same_switch_word(key, "Reply-Text")) {
        reply_ = value;
    } else if (same_switch_word(key, "Content-Length")) {
        const auto length = switch_number(value);
        broken_ = !length || *length < 0 || *length > length_max;
        body_left_ = broken_ ? 0 : static_cast<std::uint64_t>(*length);
    }
    line_.clear();
    return false;
}

bool EslParser::take_body(std::string_view& bytes) {
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(body_left_, bytes.size()));
    const auto room = std::min(n, bounds_.body - std::min(bounds_.body, body_.size()));
    cut_ = cut_ || room < n;
    body_.append(bytes.substr(0, room));
    bytes.remove_prefix(n);
    body_left_ -= n;
    return body_left_ == 0;
}

EslFrame EslParser::finish() {
    in_body_ = false;
    ended_ = true;
    ++stats_.frames;
    stats_.cut_bodies += cut_ ? 1U : 0U;
    return {type_, reply_, body_, cut_};
}

void EslEvent::read(std::string_view body, std::size_t most) {
    fields_.clear();
    text_.clear();
    text_.reserve(body.size());  // a decoded text is never longer: the views into it stay
    while (!body.empty() && fields_.size() < most) {
        const auto end = body.find('\n');
        const auto line = body.substr(0, end);
        body.remove_prefix(end == std::string_view::npos ? body.size() : end + 1);
        if (switch_trimmed(line).empty()) {
            break;  // what follows is the event's own body
        }
        const auto colon = line.find(':');
        if (colon == std::string_view::npos || colon == 0) {
            continue;
        }
        const auto key_at = text_.size();
        text_.append(line.substr(0, colon));
        const auto value_at = text_.size();
        const auto value = switch_trimmed(line.substr(colon + 1));
        text_.append(percent_decoded(value));
        const std::string_view text = text_;
        fields_.emplace_back(text.substr(key_at, value_at - key_at), text.substr(value_at));
    }
}

std::string_view EslEvent::get(std::string_view key) const {
    const auto at = std::find_if(fields_.begin(), fields_.end(), [&](const auto& field) { return same_switch_word(field.first, key); });
    return at == fields_.end() ? std::string_view{} : at->second;
}

std::optional<std::int64_t> EslEvent::number(std::string_view key) const {
    return switch_number(get(key));
}

std::optional<std::int64_t> EslEvent::stamp_ms() const {
    const auto us = number("Event-Date-Timestamp");
    return us && *us > 0 && *us < year_2100_us ? std::optional(*us / 1000) : std::nullopt;
}

}  // namespace surged
