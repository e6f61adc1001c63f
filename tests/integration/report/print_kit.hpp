// A page printed by a real Chromium, and the PDF as poppler reads it.
#pragma once

#include <string>
#include <vector>

namespace surged::test {

/// Whether this machine has chromium and poppler's tools; says so when not.
bool printer_installed();

struct PrintedWord {
    std::string text;
    double left = 0, top = 0, right = 0, bottom = 0;  ///< in points
};
struct PrintedPage {
    double width = 0, height = 0;  ///< in points
    std::vector<PrintedWord> words;
};

/// Every page of the HTML as printed. When SURGED_SCREENSHOTS names a folder, the pages stay there as `name`-1.png, ... and name.pdf.
std::vector<PrintedPage> printed(const std::string& html, const std::string& name);
/// All words in the order of the page, without blanks between them.
std::string text_of(const std::vector<PrintedPage>& pages);

}  // namespace surged::test
