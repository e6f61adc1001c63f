#include <algorithm>

#include "core/base/csv_line.hpp"
#include "core/base/ranges.hpp"
#include "core/base/text.hpp"
#include "feed/table_document.hpp"

namespace surged {
namespace {

class CsvDocument {
public:
    CsvDocument(const CsvForm& form, TableFaults& faults, const TableLimits& limits)
        : form_(form), faults_(faults), limits_(limits) {}

    Result<JsonValue> read(std::string_view text) {
        if (text.starts_with("\xEF\xBB\xBF")) {
            text.remove_prefix(3);
        }
        std::size_t number = 0;
        for (std::size_t at = 0; at < text.size();) {
            const auto end = std::min(text.find('\n', at), text.size());
            auto line = text.substr(at, end - at);
            at = end + 1;
            ++number;
            if (line.ends_with('\r')) {
                line.remove_suffix(1);
            }
            if (!csv_trim(line).empty()) {
                take(line, number);
            }
            if (rows_.size() > limits_.rows) {
                return fail("more than " + std::to_string(limits_.rows) + " rows");
            }
        }
        if (form_.header && header_.empty()) {
            return fail(no_header());
        }
        return JsonValue(std::in_place_type<JsonValue::Array>, std::move(rows_));
    }

private:
    void take(std::string_view line, std::size_t number) {
        if (line.size() > limits_.line_bytes) {
            return bad(number, "longer than 64 KiB");
        }
        if (!csv_split(line, form_.separator, fields_, unquoted_)) {
            return header_.empty() && form_.header ? void() : bad(number, "a quote is not closed");
        }
        if (fields_.size() > limits_.columns) {
            return bad(number, "more than " + std::to_string(limits_.columns) + " columns");
        }
        if (form_.header && header_.empty()) {
            return look_for_header();
        }
        const bool trailing = fields_.size() == header_.size() + 1 && fields_.back().empty();
        if (form_.header && fields_.size() != header_.size() && !trailing) {
            return bad(number, std::to_string(fields_.size()) + " fields where the header has " + std::to_string(header_.size()));
        }
        JsonValue::Object row;
        for (std::size_t i = 0; i < fields_.size() && (!form_.header || i < header_.size()); ++i) {
            if (!utf8_valid(fields_[i])) {
                return bad(number, "is not UTF-8");
            }
            row.insert_or_assign(form_.header ? header_[i] : std::to_string(i + 1),
                                 JsonValue(std::in_place_type<std::string>, std::string(fields_[i])));
        }
        rows_.emplace_back(std::in_place_type<JsonValue::Object>, std::move(row));
    }

    void look_for_header() {
        if (first_.empty()) {
            first_.assign(fields_.begin(), fields_.end());
        }
        const bool has_all = std::all_of(form_.columns.begin(), form_.columns.end(),
                                         [&](const std::string& name) { return contains(fields_, std::string_view(name)); });
        if (has_all) {
            header_.assign(fields_.begin(), fields_.end());
        }
    }

    std::string no_header() const {
        if (first_.empty()) {
            return "empty, where a header was expected";
        }
        std::string missing;
        for (const auto& name : form_.columns) {
            if (!contains(first_, name)) {
                missing += (missing.empty() ? "" : ", ") + name;
            }
        }
        std::string there;
        for (std::size_t i = 0; i < first_.size() && i < 20; ++i) {
            there += (i == 0 ? "" : ", ") + utf8_cut(first_[i], 40);
        }
        return "no line has all the columns that are asked for; the first line lacks " + missing + " and has " + there;
    }

    void bad(std::size_t number, const std::string& why) {
        ++faults_.lines;
        if (faults_.told.size() < limits_.faults) {
            faults_.told.push_back("line " + std::to_string(number) + ": " + why);
        }
    }

    const CsvForm& form_;
    TableFaults& faults_;
    const TableLimits& limits_;
    std::vector<std::string> header_;
    std::vector<std::string> first_;
    std::vector<std::string_view> fields_;
    std::string unquoted_;
    JsonValue::Array rows_;
};

}  // namespace

Result<JsonValue> csv_document(std::string_view text, const CsvForm& form, TableFaults& faults, const TableLimits& limits) {
    return CsvDocument(form, faults, limits).read(text);
}

}  // namespace surged
