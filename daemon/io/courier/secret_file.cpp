#include "io/courier/secret_file.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace surged {
namespace {

constexpr std::size_t secret_bytes_max = 65536;

/// Reads at most one byte more than allowed; nullopt and errno when it cannot.
Result<std::string, int> read_small(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return tl::unexpected(errno);
    }
    struct stat info {};
    if (::fstat(fd, &info) == 0 && !S_ISREG(info.st_mode)) {
        ::close(fd);
        return tl::unexpected(EINVAL);
    }
    std::string text;
    std::array<char, 4096> piece{};
    int error = 0;
    while (text.size() <= secret_bytes_max) {
        const auto got = ::read(fd, piece.data(), piece.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        error = got < 0 ? errno : 0;
        if (got <= 0) {
            break;
        }
        text.append(piece.data(), static_cast<std::size_t>(got));
    }
    ::close(fd);
    if (error != 0) {
        return tl::unexpected(error);
    }
    return text;
}

}  // namespace

std::string secret_path(const std::string& name, const std::string& base_dir, const std::string& credentials_dir) {
    if (!credentials_dir.empty() && name.find('/') == std::string::npos) {
        std::string credential = credentials_dir + "/" + name;
        if (::access(credential.c_str(), F_OK) == 0) {
            return credential;
        }
    }
    return name.front() == '/' || base_dir.empty() ? name : base_dir + "/" + name;
}

Result<Secret> read_secret(const std::string& name, const std::string& base_dir, const std::string& credentials_dir) {
    if (name.empty()) {
        return fail("the name of a secret file is empty");
    }
    const std::string path = secret_path(name, base_dir, credentials_dir);
    auto text = read_small(path);
    if (!text) {
        return fail("cannot read secret file " + path + ": " +
                    (text.error() == EINVAL ? "not a regular file" : std::strerror(text.error())));
    }
    if (text->size() > secret_bytes_max) {
        return fail("secret file " + path + " is longer than " + std::to_string(secret_bytes_max) + " bytes");
    }
    while (!text->empty() && std::strchr(" \t\r\n", text->back()) != nullptr) {
        text->pop_back();
    }
    if (text->empty()) {
        return fail("secret file " + path + " is empty");
    }
    return Secret(std::move(*text));
}

}  // namespace surged
