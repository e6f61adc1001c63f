#include "io/store/store_mark.hpp"

#include <array>
#include <sstream>
#include <string_view>

#include <sys/random.h>

#include "core/base/encoding.hpp"
#include "io/store/side_file.hpp"

namespace surged {
namespace {

constexpr std::size_t installation_digits = 16;

std::string mark_path(const std::string& store_path) {
    return store_path + ".id";
}

}  // namespace

std::optional<StoreMark> read_store_mark(const std::string& store_path) {
    const auto content = read_checked_file(mark_path(store_path));
    if (!content || !*content) {
        return std::nullopt;
    }
    StoreMark out;
    std::istringstream in(**content);
    in >> out.installation >> out.term >> out.head;
    return in ? std::optional(out) : std::nullopt;
}

void write_store_mark(const std::string& store_path, const StoreMark& mark) {
    const auto written = write_file_atomically(
        mark_path(store_path), mark.installation + " " + std::to_string(mark.term) + " " + std::to_string(mark.head) + "\n");
    static_cast<void>(written);
}

std::string new_installation() {
    std::array<unsigned char, installation_digits / 2> random{};
    if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
        return {};
    }
    return to_hex(random);
}

}  // namespace surged
