// Damages files of a store for a test, as disks and people do.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

namespace surged::test {

inline std::string bytes_of_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}
inline void set_bytes_of_file(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

/// Changes one byte in every occurrence of `text`, `behind` bytes after its beginning. Returns how many there were.
inline std::size_t spoil_every(const std::string& path, const std::string& text, std::size_t behind = 0) {
    std::string bytes = bytes_of_file(path);
    std::size_t count = 0;
    for (auto at = bytes.find(text); at != std::string::npos; at = bytes.find(text, at + text.size())) {
        bytes[at + behind] ^= 0x10;
        ++count;
    }
    set_bytes_of_file(path, bytes);
    return count;
}

/// Every file of the folder whose name begins with `prefix`, with its bytes.
inline std::map<std::string, std::string> files_like(const std::filesystem::path& folder, const std::string& prefix) {
    std::map<std::string, std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const std::string name = entry.path().filename();
        if (name.starts_with(prefix)) {
            out[name] = bytes_of_file(entry.path());
        }
    }
    return out;
}

}  // namespace surged::test
