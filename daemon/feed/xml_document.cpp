#include <algorithm>
#include <charconv>
#include <cstdint>

#include "core/base/csv_line.hpp"
#include "core/base/text.hpp"
#include "feed/table_document.hpp"

namespace surged {
namespace {

bool name_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' ||
           c == ':' || static_cast<unsigned char>(c) >= 0x80;
}

bool xml_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

void append_code_point(std::string& out, std::uint32_t code) {
    const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xC0U | (code >> 6U));
        put(0x80U | (code & 0x3FU));
    } else if (code < 0x10000) {
        put(0xE0U | (code >> 12U));
        put(0x80U | ((code >> 6U) & 0x3FU));
        put(0x80U | (code & 0x3FU));
    } else {
        put(0xF0U | (code >> 18U));
        put(0x80U | ((code >> 12U) & 0x3FU));
        put(0x80U | ((code >> 6U) & 0x3FU));
        put(0x80U | (code & 0x3FU));
    }
}

/// An element while it is open.
struct OpenElement {
    std::string name;  ///< with its prefix, for the end tag
    std::string text;
    JsonValue::Object members;
};

class XmlReader {
public:
    XmlReader(std::string_view text, const TableLimits& limits) : text_(text), limits_(limits) {}

    Result<JsonValue> read() {
        if (!utf8_valid(text_)) {
            return fail("not XML in UTF-8");
        }
        skip("\xEF\xBB\xBF");
        while (at_ < text_.size() && error_.empty()) {
            step();
        }
        if (error_.empty() && (!open_.empty() || root_.empty())) {
            broken(text_.empty() ? "empty" : open_.empty() ? "no element" : "ends inside <" + open_.back().name + ">");
        }
        if (!error_.empty()) {
            return fail(error_);
        }
        return JsonValue(std::in_place_type<JsonValue::Object>, std::move(root_));
    }

private:
    void broken(const std::string& why) {
        if (error_.empty()) {
            error_ = "not XML: " + why + " (byte " + std::to_string(at_ + 1) + ")";
        }
    }
    bool skip(std::string_view word) {
        const bool there = text_.substr(at_).starts_with(word);
        at_ += there ? word.size() : 0;
        return there;
    }
    void skip_blanks() {
        while (at_ < text_.size() && xml_blank(text_[at_])) {
            ++at_;
        }
    }
    /// Up to `end`, which is moved past.
    std::string_view take_until(std::string_view end) {
        const auto found = text_.find(end, at_);
        if (found == std::string_view::npos) {
            at_ = text_.size();
            broken("no " + std::string(end));
            return {};
        }
        const auto out = text_.substr(at_, found - at_);
        at_ = found + end.size();
        return out;
    }
    std::string_view take_name() {
        const auto from = at_;
        while (at_ < text_.size() && name_byte(text_[at_])) {
            ++at_;
        }
        if (at_ == from) {
            broken("a name was expected");
        }
        return text_.substr(from, at_ - from);
    }

    void step() {
        if (skip("<!--")) {
            take_until("-->");
        } else if (skip("<![CDATA[")) {
            const auto data = take_until("]]>");
            open_.empty() ? broken("text outside of the root") : static_cast<void>(open_.back().text += data);
        } else if (skip("<?")) {
            take_until("?>");
        } else if (skip("<!")) {
            broken("a document type of its own is not read");
        } else if (skip("</")) {
            end_tag();
        } else if (skip("<")) {
            begin_tag();
        } else {
            const auto end = std::min(text_.find('<', at_), text_.size());
            const auto run = text_.substr(at_, end - at_);
            if (open_.empty()) {
                std::all_of(run.begin(), run.end(), xml_blank) ? void() : broken("text outside of the root");
            } else {
                append_text(open_.back().text, run);
            }
            at_ = end;
        }
    }

    void append_text(std::string& out, std::string_view run) {
        while (!run.empty() && error_.empty()) {
            const auto mark = std::min(run.find('&'), run.size());
            out += run.substr(0, mark);
            run.remove_prefix(mark);
            if (run.empty()) {
                return;
            }
            const auto end = run.substr(0, 16).find(';');
            if (end == std::string_view::npos || !append_entity(out, run.substr(1, end - 1))) {
                return broken("an entity that XML does not know");
            }
            run.remove_prefix(end + 1);
        }
    }

    static bool append_entity(std::string& out, std::string_view name) {
        constexpr std::pair<std::string_view, char> known[]{
            {"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};
        for (const auto& [word, byte] : known) {
            if (name == word) {
                out.push_back(byte);
                return true;
            }
        }
        if (!name.starts_with('#')) {
            return false;
        }
        name.remove_prefix(1);
        const bool hex = name.starts_with('x');
        name.remove_prefix(hex ? 1 : 0);
        std::uint32_t code = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), code, hex ? 16 : 10);
        const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
        if (name.empty() || error != std::errc{} || end != name.data() + name.size() || code == 0 || code > 0x10FFFF ||
            surrogate) {
            return false;
        }
        append_code_point(out, code);
        return true;
    }

    void begin_tag() {
        OpenElement element;
        element.name = take_name();
        if (open_.empty() && !root_.empty()) {
            broken("a second root");
        }
        if (open_.size() == limits_.depth) {
            broken("nested deeper than " + std::to_string(limits_.depth));
        }
        while (error_.empty()) {
            skip_blanks();
            if (skip("/>")) {
                open_.push_back(std::move(element));
                return close();
            }
            if (skip(">")) {
                open_.push_back(std::move(element));
                return;
            }
            attribute(element);
        }
    }

    void attribute(OpenElement& element) {
        const auto name = take_name();
        skip_blanks();
        if (!skip("=")) {
            return broken("an attribute without a value");
        }
        skip_blanks();
        const char quote = at_ < text_.size() ? text_[at_] : '\0';
        if (quote != '"' && quote != '\'') {
            return broken("an attribute's value stands in quotes");
        }
        ++at_;
        std::string value;
        append_text(value, take_until(std::string_view(&quote, 1)));
        add(element.members, "@" + local(name), JsonValue(std::in_place_type<std::string>, std::move(value)));
    }

    void end_tag() {
        const auto name = take_name();
        skip_blanks();
        if (!skip(">")) {
            return broken("an end tag is not closed");
        }
        if (open_.empty() || open_.back().name != name) {
            return broken("</" + utf8_cut(name, 40) + "> closes nothing");
        }
        close();
    }

    void close() {
        auto element = std::move(open_.back());
        open_.pop_back();
        const auto text = trimmed(element.text);
        JsonValue value;
        if (element.members.empty()) {
            value = JsonValue(std::in_place_type<std::string>, std::string(text));
        } else {
            if (!text.empty()) {
                add(element.members, "#text", JsonValue(std::in_place_type<std::string>, std::string(text)));
            }
            value = JsonValue(std::in_place_type<JsonValue::Object>, std::move(element.members));
        }
        add(open_.empty() ? root_ : open_.back().members, local(element.name), std::move(value));
    }

    /// A second child of a name makes a list of both. Which names are lists is remembered by their values: no child is a list
    /// itself.
    void add(JsonValue::Object& members, const std::string& name, JsonValue value) {
        if (++values_ > limits_.values) {
            return broken("more than " + std::to_string(limits_.values) + " values");
        }
        const auto found = members.find(name);
        if (found == members.end()) {
            members.emplace(name, std::move(value));
            return;
        }
        if (found->second.array() == nullptr) {
            JsonValue::Array both;
            both.push_back(std::move(found->second));
            found->second = JsonValue(std::in_place_type<JsonValue::Array>, std::move(both));
        }
        const_cast<JsonValue::Array*>(found->second.array())->push_back(std::move(value));  // the object is ours
    }

    static std::string local(std::string_view name) {
        const auto colon = name.rfind(':');
        return std::string(colon == std::string_view::npos ? name : name.substr(colon + 1));
    }
    static std::string_view trimmed(std::string_view text) {
        while (!text.empty() && xml_blank(text.front())) {
            text.remove_prefix(1);
        }
        while (!text.empty() && xml_blank(text.back())) {
            text.remove_suffix(1);
        }
        return text;
    }

    std::string_view text_;
    const TableLimits& limits_;
    std::size_t at_ = 0;
    std::size_t values_ = 0;
    std::vector<OpenElement> open_;
    JsonValue::Object root_;
    std::string error_;
};

}  // namespace

Result<JsonValue> xml_document(std::string_view text, const TableLimits& limits) {
    return XmlReader(text, limits).read();
}

}  // namespace surged
