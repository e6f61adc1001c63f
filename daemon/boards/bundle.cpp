#include "boards/bundle.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace surged {

namespace {

constexpr std::string_view packaged_folder = "/usr/share/surged/dashboards";

void put_for_all(std::string& text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

/// The job as rules, tests of rules and the scrape configuration name it.
void name_job(std::string& text, const std::string& job) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 3> places{
        {{"job=\"", "\""}, {"job: \"", "\""}, {"job_name: ", "\n"}}};
    for (const auto& [before, after] : places) {
        put_for_all(text, std::string(before) + "surged" + std::string(after), std::string(before) + job + std::string(after));
    }
}

bool word_of(std::string_view text, std::string_view further) {
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || further.find(c) != std::string_view::npos;
    });
}

}  // namespace

std::string bundle_problem(const BoardOptions& options) {
    constexpr std::size_t prefix_max = 60;
    if (!word_of(options.prefix, "_") || std::isdigit(static_cast<unsigned char>(options.prefix.front())) != 0 ||
        options.prefix.size() > prefix_max) {
        return "a prefix is made of letters, digits and _, and begins with a letter";
    }
    if (!word_of(options.job, "_-./:")) {
        return "a job is made of letters, digits and _ - . / :";
    }
    const bool web = options.console.starts_with("http://") || options.console.starts_with("https://");
    if (!web || options.console.find_first_of(" \"'<>\\") != std::string::npos || options.console.ends_with('/')) {
        return "the console's address is a URL without a slash at its end, as https://surged.example:9847";
    }
    if (options.datasource.size() > 40 || (!options.datasource.empty() && !word_of(options.datasource, "_-"))) {
        return "a data source's uid has at most 40 letters, digits, _ and -";
    }
    return {};
}

std::vector<BundleFile> make_bundle(const BundleOptions& options) {
    std::vector<BundleFile> out;
    for (const Board* board : all_boards()) {
        out.push_back({std::string(board->file), board_json(*board, options.board)});
    }
    for (const EmbeddedText& embedded : embedded_texts()) {
        if (embedded.name.starts_with("provisioning/datasources/") && !options.board.datasource.empty()) {
            continue;
        }
        BundleFile file{std::string(embedded.name), with_prefix(embedded.text, options.board.prefix)};
        name_job(file.text, options.board.job);
        if (!options.folder.empty()) {
            put_for_all(file.text, packaged_folder, options.folder);
        }
        out.push_back(std::move(file));
    }
    return out;
}

}  // namespace surged
