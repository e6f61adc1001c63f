#include "core/base/phrase.hpp"

namespace surged {

std::string fill(std::string_view text, std::initializer_list<PhraseValue> values) {
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

}  // namespace surged
