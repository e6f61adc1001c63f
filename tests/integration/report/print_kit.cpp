#include "print_kit.hpp"

#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "support/catch.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace surged::test {
namespace {

double number_after(const std::string& line, const std::string& name) {
    const auto at = line.find(name + "=\"");
    return at == std::string::npos ? -1 : std::strtod(line.c_str() + at + name.size() + 2, nullptr);
}

/// What pdftotext escaped.
std::string unescaped(std::string text) {
    for (const auto& [what, with] : {std::pair("&lt;", "<"), std::pair("&gt;", ">"), std::pair("&quot;", "\""), std::pair("&amp;", "&")}) {
        for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
            text.replace(at, std::string_view(what).size(), with);
        }
    }
    return text;
}

}  // namespace

bool printer_installed() {
    const bool all = ::access("/usr/bin/chromium", X_OK) == 0 && ::access("/usr/bin/pdftotext", X_OK) == 0;
    if (!all) {
        WARN("chromium or poppler-utils is not installed: skipped");
    }
    return all;
}

std::vector<PrintedPage> printed(const std::string& html, const std::string& name) {
    const TempDir dir;
    std::ofstream(dir.file("page.html")) << html;
    const auto pdf = dir.file("page.pdf");
    const auto made = run_program("/usr/bin/chromium",
                                  {"--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
                                   "--no-proxy-server", "--user-data-dir=" + dir.file("profile"), "--no-pdf-header-footer", "--print-to-pdf=" + pdf,
                                   "file://" + dir.file("page.html")},
                                  dir.path().string(), std::chrono::seconds{60});
    INFO(made.err);
    REQUIRE(made.code == 0);
    REQUIRE(::access(pdf.c_str(), R_OK) == 0);
    if (const char* keep = std::getenv("SURGED_SCREENSHOTS"); keep != nullptr) {
        const auto to = std::string(keep) + "/" + name;
        std::ifstream in(pdf, std::ios::binary);
        std::ofstream(to + ".pdf", std::ios::binary) << in.rdbuf();
        CHECK(run_program("/usr/bin/pdftoppm", {"-r", "80", "-png", pdf, to}, dir.path().string()).code == 0);
    }
    const auto boxes = run_program("/usr/bin/pdftotext", {"-bbox", pdf, "-"}, dir.path().string());
    REQUIRE(boxes.code == 0);
    std::vector<PrintedPage> pages;
    for (std::size_t at = 0; at < boxes.out.size();) {
        const auto end = std::min(boxes.out.find('\n', at), boxes.out.size());
        const auto line = boxes.out.substr(at, end - at);
        at = end + 1;
        if (line.find("<page ") != std::string::npos) {
            pages.push_back({number_after(line, "width"), number_after(line, "height"), {}});
        } else if (line.find("<word ") != std::string::npos) {
            const auto from = line.find('>') + 1;
            pages.back().words.push_back({unescaped(line.substr(from, line.rfind("</word>") - from)), number_after(line, "xMin"), number_after(line, "yMin"),
                                          number_after(line, "xMax"), number_after(line, "yMax")});
        }
    }
    return pages;
}

std::string text_of(const std::vector<PrintedPage>& pages) {
    std::string out;
    for (const auto& page : pages) {
        for (const auto& word : page.words) {
            out += word.text;
        }
    }
    return out;
}

}  // namespace surged::test
