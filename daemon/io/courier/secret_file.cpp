#include "io/courier/secret_file.hpp"

#include <cerrno>
#include <cstring>

#include <unistd.h>

#include "os/file.hpp"

namespace surged {
namespace {

constexpr std::size_t secret_bytes_max = 65536;

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
    auto text = read_regular_file(path, secret_bytes_max + 1);
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
