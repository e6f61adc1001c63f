#include "core/base/foreign_text.hpp"

#include <iconv.h>

#include <algorithm>
#include <array>

#include "core/base/text.hpp"

namespace surged {
namespace {

constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";

/// Without the character that the end of the text cut in two.
std::string_view without_cut_end(std::string_view bytes) {
    for (std::size_t back = 1; back <= 3 && back <= bytes.size(); ++back) {
        const auto byte = static_cast<unsigned char>(bytes[bytes.size() - back]);
        if ((byte & 0xC0U) == 0xC0U) {
            return bytes.substr(0, bytes.size() - back);
        }
        if ((byte & 0x80U) == 0) {
            break;
        }
    }
    return bytes;
}

Result<std::string> convert(std::string_view bytes, const char* from) {
    const iconv_t how = ::iconv_open("UTF-8", from);
    if (how == reinterpret_cast<iconv_t>(-1)) {  // NOLINT: iconv's own error value
        return fail(std::string("this system cannot read ") + from);
    }
    std::string out;
    std::string input(bytes);
    char* in = input.data();
    std::size_t left = input.size();
    std::array<char, 65536> piece{};
    bool good = true;
    while (left > 0 && good) {
        char* to = piece.data();
        std::size_t room = piece.size();
        good = ::iconv(how, &in, &left, &to, &room) != static_cast<std::size_t>(-1) || room < piece.size();
        out.append(piece.data(), piece.size() - room);
    }
    ::iconv_close(how);
    return good ? Result<std::string>(std::move(out)) : fail(std::string("is not ") + from);
}

/// Which UTF-16 it is, by its mark or because every second byte of its front is zero; nullptr: none.
const char* utf16_of(std::string_view bytes) {
    if (bytes.starts_with("\xFF\xFE")) {
        return "UTF-16LE";
    }
    if (bytes.starts_with("\xFE\xFF")) {
        return "UTF-16BE";
    }
    const auto front = bytes.substr(0, 256);
    std::array<std::size_t, 2> zeros{};
    for (std::size_t i = 0; i < front.size(); ++i) {
        zeros[i % 2] += front[i] == '\0' ? 1U : 0U;
    }
    if (front.size() >= 8 && zeros[1] * 4 > front.size() && zeros[0] == 0) {
        return "UTF-16LE";
    }
    return front.size() >= 8 && zeros[0] * 4 > front.size() && zeros[1] == 0 ? "UTF-16BE" : nullptr;
}

std::string with_plain_ends(std::string text) {
    if (text.find('\r') == std::string::npos) {
        return text;
    }
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\r') {
            out.push_back(text[i]);
        } else if (i + 1 >= text.size() || text[i + 1] != '\n') {
            out.push_back('\n');  // the line end of old Macs, and of Excel's "CSV (Macintosh)"
        }
    }
    return out;
}

}  // namespace

bool is_plain_text(std::string_view bytes, bool whole) {
    if (bytes.starts_with(utf8_mark) || utf16_of(bytes) != nullptr || !utf8_valid(whole ? bytes : without_cut_end(bytes))) {
        return false;
    }
    for (auto at = bytes.find('\r'); at != std::string_view::npos; at = bytes.find('\r', at + 1)) {
        if (at + 1 < bytes.size() && bytes[at + 1] != '\n') {
            return false;
        }
    }
    return true;
}

Result<std::string> text_to_utf8(std::string_view bytes) {
    if (const char* utf16 = utf16_of(bytes)) {
        auto text = convert(bytes, utf16);
        if (text && text->starts_with(utf8_mark)) {
            text->erase(0, utf8_mark.size());
        }
        return text ? Result<std::string>(with_plain_ends(std::move(*text))) : text;
    }
    if (bytes.starts_with(utf8_mark)) {
        bytes.remove_prefix(utf8_mark.size());
    }
    if (utf8_valid(bytes)) {
        return with_plain_ends(std::string(bytes));
    }
    auto text = convert(bytes, "GB18030");
    return text ? Result<std::string>(with_plain_ends(std::move(*text))) : fail("is neither UTF-8 nor UTF-16 nor GB18030");
}

}  // namespace surged
