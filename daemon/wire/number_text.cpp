#include "wire/number_text.hpp"

#include <algorithm>
#include <array>

namespace surged {

namespace {

/// A copy that ends as the parsers of json_scan need it: with zero bytes.
class TerminatedText {
public:
    /// False: it holds what no number has. A blank or a comma would end the number for the parsers.
    bool take(std::string_view text) {
        if (text.empty() || text.size() > number_text_max || text.find_first_not_of("0123456789+-.eE") != std::string_view::npos) {
            return false;
        }
        std::copy(text.begin(), text.end(), bytes_.begin());
        return true;
    }
    const char* bytes() const { return bytes_.data(); }

private:
    std::array<char, number_text_max + 8> bytes_{};
};

}  // namespace

NumberError parse_number_text(std::string_view text, double& out) {
    TerminatedText copy;
    if (!copy.take(text)) {
        return NumberError::no_number;
    }
    const NumberError error = parse_json_number(copy.bytes(), out);
    return error == NumberError::malformed ? NumberError::no_number : error;
}

std::optional<std::uint64_t> parse_natural_text(std::string_view text) {
    TerminatedText copy;
    std::uint64_t value = 0;
    return copy.take(text) && parse_json_natural(copy.bytes(), value) ? std::optional(value) : std::nullopt;
}

}  // namespace surged
