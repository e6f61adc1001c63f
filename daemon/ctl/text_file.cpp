#include "ctl/text_file.hpp"

#include <array>
#include <fstream>
#include <iostream>

namespace surged {

Result<std::string> read_text_file(const std::string& path, std::size_t bytes_max) {
    std::ifstream file;
    if (path != "-") {
        file.open(path, std::ios::binary);
        if (!file) {
            return fail("cannot read " + path);
        }
    }
    std::istream& in = path == "-" ? std::cin : file;
    std::string out;
    std::array<char, 65536> piece{};
    while (in.read(piece.data(), piece.size()) || in.gcount() > 0) {
        out.append(piece.data(), static_cast<std::size_t>(in.gcount()));
        if (out.size() > bytes_max) {
            return fail(path + ": larger than " + std::to_string(bytes_max >> 20U) + " MiB");
        }
    }
    return in.bad() ? Result<std::string>(fail(path + ": cannot be read to its end")) : Result<std::string>(std::move(out));
}

}  // namespace surged
