// Collects diagnostics: all of them, sorted as people read the files.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "config/document.hpp"
#include "config/settings.hpp"

namespace surged {

/// A text with the place it was written at.
struct PlacedText {
    std::string text;
    Place place;
};

class Report {
public:
    void error(const Place& at, std::string message) { add(Severity::error, at, std::move(message)); }
    void warning(const Place& at, std::string message) { add(Severity::warning, at, std::move(message)); }
    bool failed() const { return errors_ != 0; }
    std::size_t errors() const { return errors_; }
    /// In file order, then line and column; equal findings once.
    std::vector<Diagnostic> take();

private:
    struct Finding {
        Diagnostic diagnostic;
        int order = 0;
    };
    void add(Severity severity, const Place& at, std::string message);

    std::vector<Finding> findings_;
    std::size_t errors_ = 0;
};

/// `"name"` in quotes, with control bytes shown and long text cut: diagnostics go to terminals.
std::string in_quotes(std::string_view name);
/// `; did you mean "x"?` or nothing.
std::string nearest_hint(std::string_view name, const std::vector<std::string>& known);

}  // namespace surged
