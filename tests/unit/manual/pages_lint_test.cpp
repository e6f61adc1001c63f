// Every page of the manual as it is installed: mandoc and groff have nothing to warn of, and surgectl prints the words that mandoc prints.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "manual/manual.hpp"
#include "support/catch.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {

Finished run_to_end(const std::string& program, const std::vector<std::string>& arguments) {
    const TempDir dir;
    return run_program(program, arguments, dir.path().string(), 60s);
}

Finished shell(const std::string& line) { return run_to_end("/bin/sh", {"-c", line}); }

bool installed(const std::string& program) {
    if (shell("command -v " + program).code == 0) {
        return true;
    }
    WARN(program + " is not installed: skipped");
    return false;
}

std::string file_of(const TempDir& dir, const ManualPage& page) {
    const auto path = dir.file(std::string(page.name) + "." + std::string(page.section));
    std::ofstream(path) << page.source();
    return path;
}

/// Words in the order of the alphabet, for a column that is broken elsewhere changes their order on the page.
std::vector<std::string> words_of_text(std::string text) {
    // Bold and underlined letters are printed over each other: letter, a backspace for each of its columns, letter.
    for (auto at = text.find('\b'); at != std::string::npos; at = text.find('\b')) {
        auto letter = at;
        while (letter > 0 && (static_cast<unsigned char>(text[--letter]) & 0xC0U) == 0x80U) {
        }
        text.erase(letter, std::min(text.find_first_not_of('\b', at), text.size()) - letter);
    }
    std::istringstream in(text.substr(text.find('\n'), text.rfind('\n', text.size() - 2) - text.find('\n')));
    std::vector<std::string> out;
    for (std::string word; in >> word;) {
        out.push_back(word);
    }
    std::sort(out.begin(), out.end());
    return out;
}

}  // namespace

TEST_CASE("manual: mandoc and groff have nothing to warn of", "[unit]") {
    const bool mandoc = installed("mandoc");
    const bool groff = installed("groff");
    const bool utf8 = groff && installed("preconv");
    const TempDir dir;
    for (const ManualPage& page : manual_pages()) {
        const auto file = file_of(dir, page);
        INFO(file);
        if (mandoc) {
            CHECK(shell("mandoc -T lint -W warning '" + file + "' 2>&1").out == "");
        }
        if (utf8) {
            CHECK(shell("groff -k -t -man -ww -T utf8 '" + file + "' 2>&1 >'" + dir.file("printed") + "'").out == "");
        }
    }
}

TEST_CASE("manual: surgectl help prints every word that mandoc prints, and no other", "[unit]") {
    const bool mandoc = installed("mandoc");
    const TempDir dir;
    for (const ManualPage& page : manual_pages()) {
        INFO(page.name);
        const auto helped = run_to_end(SURGED_BIN_DIR "/surgectl", {"help", std::string(page.topic())});
        CHECK(helped.code == 0);
        CHECK(helped.out.find('\x1b') == std::string::npos);
        if (mandoc) {
            auto printed = shell("mandoc -T utf8 -O width=200 '" + file_of(dir, page) + "'").out;
            const auto theirs = words_of_text(std::move(printed));
            auto ours = words_of_text(helped.out + "\n");
            std::vector<std::string> differ;
            std::set_symmetric_difference(ours.begin(), ours.end(), theirs.begin(), theirs.end(), std::back_inserter(differ));
            for (const auto& word : differ) {
                UNSCOPED_INFO(word);
            }
            CHECK(differ.empty());
        }
    }
}

TEST_CASE("manual: on a terminal its headings are bold and its lines as wide as the terminal", "[unit]") {
    if (!installed("script")) {
        return;
    }
    const std::string program = SURGED_BIN_DIR "/surgectl help rules";
    const auto shown = shell("PAGER=cat script -qc 'stty cols 60; " + program + "' /dev/null </dev/null").out;
    CHECK(shown.find("\x1b[1mNAME\x1b[0m") != std::string::npos);
    CHECK(shell("NO_COLOR=1 PAGER=cat script -qc '" + program + "' /dev/null </dev/null").out.find('\x1b') == std::string::npos);
    // Where the pager is not there the page is printed all the same.
    CHECK(shell("PAGER=no-such-pager script -qc '" + program + "' /dev/null </dev/null").out.find("WRITING A RULE") != std::string::npos);
}

TEST_CASE("manual: a topic that is not there lists those that are, with the nearest", "[unit]") {
    const auto help = [](const std::string& topic) { return run_to_end(SURGED_BIN_DIR "/surgectl", {"help", topic}); };
    const auto unknown = help("chanels");
    CHECK(unknown.code == 2);
    CHECK(unknown.err.find("no topic \"chanels\"; did you mean channels?") != std::string::npos);
    CHECK(unknown.err.find("\n  operations ") != std::string::npos);
    CHECK(help("join").err.find("surgectl join --help") != std::string::npos);
    CHECK(help("tomll").err.find("did you mean toml?") != std::string::npos);
    const auto list = run_to_end(SURGED_BIN_DIR "/surgectl", {"help"});
    CHECK(list.code == 0);
    CHECK(list.out.find("  surged.toml  the configuration of surged, every key\n") != std::string::npos);
}
