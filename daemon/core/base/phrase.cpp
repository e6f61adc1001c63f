#include "core/base/phrase.hpp"

namespace surged {

std::string fill(std::string_view text, std::span<const PhraseValue> values) {
    std::string out;
    while (!text.empty()) {
        const auto open = text.find('{');
        const auto close = open == std::string_view::npos ? open : text.find('}', open);
        if (close == std::string_view::npos) {
            break;
        }
        out += text.substr(0, open);
        auto with = text.substr(open, close + 1 - open);
        for (const auto& [name, value] : values) {
            if (name == text.substr(open + 1, close - open - 1)) {
                with = value;
            }
        }
        out += with;
        text.remove_prefix(close + 1);
    }
    return out.append(text);
}

std::vector<PhraseValue> taken_apart(std::string_view pattern, std::string_view text) {
    std::vector<PhraseValue> out;
    while (true) {
        const auto open = pattern.find('{');
        const auto close = open == std::string_view::npos ? open : pattern.find('}', open);
        if (close == std::string_view::npos) {
            return text == pattern ? out : std::vector<PhraseValue>{};
        }
        if (!text.starts_with(pattern.substr(0, open))) {
            return {};
        }
        text.remove_prefix(open);
        const auto name = pattern.substr(open + 1, close - open - 1);
        pattern.remove_prefix(close + 1);
        const auto after = pattern.substr(0, pattern.find('{'));
        const auto end = after.empty() ? text.size() : text.find(after);
        if (end == std::string_view::npos) {
            return {};
        }
        out.push_back({name, text.substr(0, end)});
        text.remove_prefix(end);
    }
}

}  // namespace surged
