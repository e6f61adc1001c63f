// While building: `make_manual page ROOT SOURCE.md OUTPUT` writes a page as man(7); `make_manual embed OUTPUT.cpp PAGE...` writes pages as
// C++ for surgectl.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "manual/markdown.hpp"
#include "manual/roff_reader.hpp"
#include "manual/roff_writer.hpp"

namespace {

using namespace surged;  // NOLINT(google-build-using-namespace): a program of one file

Result<std::string> text_of_file(const std::filesystem::path& path) {
    std::ifstream in(path);
    std::ostringstream text;
    text << in.rdbuf();
    return in ? Result<std::string>(text.str()) : Result<std::string>(fail(path.string() + " cannot be read"));
}

bool write_file(const std::string& path, const std::string& text) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << text;
    return out.flush().good();
}

Result<std::string> page_text(const std::filesystem::path& root, const std::string& source) {
    const auto text = text_of_file(source);
    if (!text) {
        return text;
    }
    const auto page = read_markdown(*text, [&](const std::string& path) { return text_of_file(root / path); });
    if (!page) {
        return tl::unexpected<Error>(page.error());
    }
    return write_roff(*page);
}

/// Behind the dash of NAME.
std::string summary_of(const ManPage& page) {
    for (std::size_t i = 0; i + 1 < page.blocks.size(); ++i) {
        if (page.blocks[i].kind == ManBlock::Kind::section && letters_of(page.blocks[i].text) == "NAME") {
            const auto line = letters_of(page.blocks[i + 1].text);
            const auto dash = line.find(" - ");
            return dash == std::string::npos ? "" : line.substr(dash + 3);
        }
    }
    return {};
}

Result<std::string> embedded(const std::vector<std::string>& files) {
    std::string lines;
    std::string rows;
    for (std::size_t i = 0; i < files.size(); ++i) {
        const auto text = text_of_file(files[i]);
        if (!text) {
            return text;
        }
        const auto summary = summary_of(read_roff(*text));
        if (summary.empty()) {
            return fail(files[i] + " has no summary behind the dash of NAME");
        }
        lines += "constexpr std::string_view page_" + std::to_string(i) + "[] = {\n";
        std::istringstream in(*text);
        for (std::string line; std::getline(in, line);) {
            lines += "    R\"manual(" + line + ")manual\",\n";
        }
        lines += "};\n";
        const std::filesystem::path name(files[i]);
        rows += "    {\"" + name.stem().string() + "\", \"" + name.extension().string().substr(1) + "\", R\"manual(" + summary + ")manual\", page_" +
                std::to_string(i) + "},\n";
    }
    return "// Made by make_manual.\n#include \"manual/manual.hpp\"\n\nnamespace surged {\nnamespace {\n\n" + lines +
           "constexpr ManualPage pages[] = {\n" + rows + "};\n\n}  // namespace\n\nstd::span<const ManualPage> manual_pages() { return pages; }\n\n}  // namespace surged\n";
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    const bool page = words.size() == 4 && words[0] == "page";
    const bool embed = words.size() > 2 && words[0] == "embed";
    if (!page && !embed) {
        std::fputs("make_manual page ROOT SOURCE.md OUTPUT | make_manual embed OUTPUT.cpp PAGE...\n", stderr);
        return 2;
    }
    const auto text = page ? page_text(words[1], words[2]) : embedded({words.begin() + 2, words.end()});
    if (!text || !write_file(page ? words[3] : words[1], *text)) {
        std::fprintf(stderr, "make_manual: %s\n", text ? "the output cannot be written" : (words[page ? 2 : 1] + ": " + text.error().message).c_str());
        return 1;
    }
    return 0;
}
