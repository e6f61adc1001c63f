#include "app/windows_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "os/file.hpp"

namespace surged {

ApiResult<WindowsFile> read_windows_file(const std::string& path) {
    const auto refuse = [](const char* code, std::string why) { return tl::unexpected<ApiError>(ApiError{code, std::move(why)}); };
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    if (!file) {
        return errno == ENOENT ? refuse("not_found", "no windows have been saved yet: the first time is [store] snapshot_every after a start")
                               : refuse("unavailable", std::string("the windows cannot be read: ") + std::strerror(errno));
    }
    // Time and bytes are of the same file, whatever takes its place meanwhile.
    struct stat found {};
    if (::fstat(file.get(), &found) != 0 || !S_ISREG(found.st_mode)) {
        return refuse("unavailable", "the windows cannot be read: not a regular file");
    }
    if (static_cast<std::size_t>(found.st_size) > windows_bytes_max) {
        return refuse("unavailable", "the windows are " + std::to_string(found.st_size >> 20U) + " MiB, more than one answer has: copy " + path);
    }
    auto bytes = read_some(file.get(), windows_bytes_max);
    if (!bytes) {
        return refuse("unavailable", std::string("the windows cannot be read: ") + std::strerror(bytes.error()));
    }
    const std::int64_t ms = found.st_mtim.tv_sec * 1000 + found.st_mtim.tv_nsec / 1000000;
    return WindowsFile{std::make_shared<const std::string>(std::move(*bytes)), wall_time(ms)};
}

}  // namespace surged
