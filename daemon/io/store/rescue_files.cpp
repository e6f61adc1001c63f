#include "io/store/rescue_files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "io/store/rescue.hpp"
#include "io/store/store_mark.hpp"
#include "os/file.hpp"

namespace surged {
namespace rescue {

tl::unexpected<LogFailure> cannot(const std::string& what) {
    return tl::unexpected(LogFailure{LogError::unavailable, "cannot " + what + ": " + std::strerror(errno)});
}

bool file_there(const std::string& path) {
    struct stat info {};
    return ::lstat(path.c_str(), &info) == 0;
}

std::uint64_t bytes_of(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
}

Result<void, LogFailure> flush(const std::string& path, int flags) {
    const Fd file(::open(path.c_str(), flags | O_CLOEXEC));
    return file && ::fsync(file.get()) == 0 ? Result<void, LogFailure>{} : Result<void, LogFailure>(cannot("flush " + path));
}

Result<void, LogFailure> flush_folder_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return flush(slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash), O_RDONLY | O_DIRECTORY);
}

std::string tmp_of(const std::string& path) {
    return path + ".rescue-tmp";
}
std::string ready_of(const std::string& path) {
    return path + ".rescue-ready";
}

std::string damaged_name(const std::string& path, std::time_t when) {
    std::tm utc{};
    ::gmtime_r(&when, &utc);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), ".damaged-%Y%m%dT%H%M%SZ", &utc);
    return path + text.data();
}

bool name_taken(const std::string& name) {
    return std::ranges::any_of(parts_of_store, [&](const char* part) { return file_there(name + part); });
}

void give_to(int fd, const struct stat& like) {
    if (::geteuid() == 0 && ::fchown(fd, like.st_uid, like.st_gid) != 0) {
        return;
    }
    static_cast<void>(::fchmod(fd, like.st_mode & 0777U));
}

std::optional<struct stat> owner_of(const std::string& path) {
    struct stat info {};
    const auto slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    if (::stat(path.c_str(), &info) == 0) {
        return info;
    }
    if (::stat(folder.c_str(), &info) != 0) {
        return std::nullopt;
    }
    info.st_mode = 0640;
    return info;
}

}  // namespace rescue

Result<std::vector<std::string>, LogFailure> finish_rescue(const std::string& path, const StoreRescue::AtStep& at_step) {
    const std::string ready = rescue::ready_of(path);
    struct stat info {};
    if (::lstat(ready.c_str(), &info) != 0) {
        return std::vector<std::string>();
    }
    const std::string aside = rescue::damaged_name(path, info.st_mtime);
    for (const char* part : rescue::parts_of_store) {
        const std::string from = path + part;
        if (!rescue::file_there(from)) {
            continue;
        }
        if (rescue::file_there(aside + part)) {
            errno = EEXIST;  // both cannot be: nothing is written over
            return rescue::cannot("move " + from + " aside to " + aside + part);
        }
        if (::rename(from.c_str(), (aside + part).c_str()) != 0) {
            return rescue::cannot("move " + from + " aside");
        }
        if (at_step) {
            at_step("rescue moved a file aside");
        }
    }
    if (auto flushed = rescue::flush_folder_of(path); !flushed) {
        return tl::unexpected(flushed.error());
    }
    if (::rename(ready.c_str(), path.c_str()) != 0) {
        return rescue::cannot("put " + ready + " in place");
    }
    if (at_step) {
        at_step("rescue put the store in place");
    }
    if (auto flushed = rescue::flush_folder_of(path); !flushed) {
        return tl::unexpected(flushed.error());
    }
    std::vector<std::string> moved{path};
    for (const char* part : rescue::parts_of_store) {
        if (rescue::file_there(aside + part)) {
            moved.push_back(aside + part);
        }
    }
    return moved;
}

std::string emptied_store(const std::string& path) {
    if (!rescue::file_there(path) || rescue::bytes_of(path) > 0) {
        return {};
    }
    if (rescue::bytes_of(path + "-wal") > 0) {
        return path + " is empty, its write-ahead log is not";
    }
    const auto mark = read_store_mark(path);
    return mark && mark->head > 0 ? path + " is empty and once held " + std::to_string(mark->head) + " records" : std::string();
}

}  // namespace surged
