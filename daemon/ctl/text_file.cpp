#include "ctl/text_file.hpp"

#include <unistd.h>

#include <cstring>

#include "os/file.hpp"

namespace surged {

Result<std::string> read_text_file(const std::string& path, std::size_t bytes_max) {
    auto text = path == "-" ? read_some(STDIN_FILENO, bytes_max + 1) : read_file(path, bytes_max + 1);
    if (!text) {
        return fail("cannot read " + path + ": " + std::strerror(text.error()));
    }
    if (text->size() > bytes_max) {
        return fail(path + ": larger than " + std::to_string(bytes_max >> 20U) + " MiB");
    }
    return std::move(*text);
}

}  // namespace surged
