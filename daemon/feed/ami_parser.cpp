#include "feed/ami_parser.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/text.hpp"
#include "feed/switch_text.hpp"

namespace surged {

namespace {
constexpr std::string_view greeting = "Asterisk Call Manager/";
constexpr double year_2100_s = 4102444800.0;

std::string_view without_blanks(std::string_view text) {
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
        text.remove_suffix(1);
    }
    return text;
}
}  // namespace

std::string_view AmiBlock::get(std::string_view key) const {
    for (const auto& field : fields_) {
        if (same_switch_word(field.key, key)) {
            return field.value;
        }
    }
    return {};
}

std::string_view AmiBlock::get(std::string_view key, std::string_view older) const {
    return has(key) ? get(key) : get(older);
}

bool AmiBlock::has(std::string_view key) const {
    return std::any_of(fields_.begin(), fields_.end(), [&](const Field& field) { return same_switch_word(field.key, key); });
}

std::optional<std::int64_t> AmiBlock::number(std::string_view key) const {
    return switch_number(get(key));
}

std::optional<std::int64_t> AmiBlock::time_ms(std::string_view key) const {
    const auto seconds = parse_number(without_blanks(get(key)));
    return seconds && *seconds > 0 && *seconds < year_2100_s ? std::optional(static_cast<std::int64_t>(std::floor(*seconds * 1000.0)))
                                                             : std::nullopt;
}

void AmiParser::restart() {
    lines_.restart();
    text_.clear();
    places_.clear();
    cut_ = false;
    version_.clear();
}

void AmiParser::take(std::string_view line, bool too_long) {
    if (places_.empty()) {
        text_.clear();  // that of the block before, which has been read by now
    }
    if (too_long) {
        ++stats_.long_lines;
        return;
    }
    if (line.substr(0, greeting.size()) == greeting && places_.empty()) {
        version_ = std::string(without_blanks(line.substr(greeting.size(), 32)));
        return;
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) {
        ++stats_.odd_lines;
        return;
    }
    if (places_.size() >= bounds_.fields || text_.size() + line.size() > bounds_.block) {
        stats_.cut_blocks += cut_ ? 0U : 1U;
        cut_ = true;
        return;
    }
    const auto begin = text_.size();
    text_.append(line);
    // One blank after the colon belongs to the form, more of them to the value.
    const auto value = colon + 1 + (colon + 1 < line.size() && line[colon + 1] == ' ' ? 1U : 0U);
    places_.push_back({begin, without_blanks(line.substr(0, colon)).size(), begin + value, line.size() - value});
}

const AmiBlock* AmiParser::finish() {
    const bool any = !places_.empty();
    block_.fields_.clear();
    const std::string_view text = text_;
    for (const auto& at : places_) {
        block_.fields_.push_back({text.substr(at.key, at.key_size), text.substr(at.value, at.value_size)});
    }
    block_.event_ = {};
    block_.response_ = {};
    if (any) {
        ++stats_.blocks;
        // What it is stands in its first line; a field of that name further down is a value among others.
        const auto& first = block_.fields_.front();
        (same_switch_word(first.key, "Event") ? block_.event_ : block_.response_) =
            same_switch_word(first.key, "Event") || same_switch_word(first.key, "Response") ? first.value : std::string_view{};
    }
    places_.clear();
    cut_ = false;
    return any ? &block_ : nullptr;
}

}  // namespace surged
