#include "config/report.hpp"

#include <algorithm>
#include <tuple>

#include "core/base/text.hpp"

namespace surged {

std::string Diagnostic::text() const {
    std::string out = file;
    if (line > 0) {
        out += ":" + std::to_string(line) + ":" + std::to_string(col);
    }
    return out + ": " + (severity == Severity::error ? "error: " : "warning: ") + message;
}

void Report::add(Severity severity, const Place& at, std::string message) {
    Finding finding;
    finding.diagnostic = {severity, at.file != nullptr ? at.file->name : std::string(), at.line, at.col, std::move(message)};
    finding.order = at.file != nullptr ? at.file->order : 0;
    findings_.push_back(std::move(finding));
    errors_ += severity == Severity::error ? 1U : 0U;
}

std::vector<Diagnostic> Report::take() {
    std::ranges::stable_sort(findings_, [](const Finding& a, const Finding& b) {
        return std::tie(a.order, a.diagnostic.line, a.diagnostic.col) < std::tie(b.order, b.diagnostic.line, b.diagnostic.col);
    });
    std::vector<Diagnostic> out;
    for (auto& finding : findings_) {
        const auto same = std::any_of(out.rbegin(), out.rend(), [&](const Diagnostic& d) {
            return d.line == finding.diagnostic.line && d.col == finding.diagnostic.col && d.file == finding.diagnostic.file &&
                   d.message == finding.diagnostic.message;
        });
        if (!same) {
            out.push_back(std::move(finding.diagnostic));
        }
    }
    findings_.clear();
    errors_ = 0;
    return out;
}

std::string in_quotes(std::string_view name) {
    std::string shown;
    for (const char c : utf8_cut(name, 80)) {
        shown += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
    }
    return "\"" + shown + "\"";
}

std::string nearest_hint(std::string_view name, const std::vector<std::string>& known) {
    if (name.size() > 256) {  // no typing error, and the distance would cost its square
        return {};
    }
    const auto nearest = nearest_name(name, known);
    return nearest ? "; did you mean " + in_quotes(*nearest) + "?" : std::string();
}

}  // namespace surged
