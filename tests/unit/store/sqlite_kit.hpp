// Opening a log that must open, a child that works on it, and the sqlite3 program as an operator would use it.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "io/store/sqlite_log.hpp"
#include "support/catch.hpp"

namespace surged::test {

inline std::unique_ptr<RecordLog> must_open(const std::string& path) {
    auto log = open_sqlite_log(path);
    INFO((log ? "" : log.error().message));
    REQUIRE(log);
    return std::move(*log);
}

/// Runs `work` in a child; its result is the child's exit status.
template <typename Work>
inline int in_child(const Work& work) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::_exit(work());
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/// The sqlite3 program, as an operator would use it. Empty optional when it is not installed.
inline std::optional<std::string> sqlite_cli(const std::string& path, const std::string& sql) {
    if (std::system("command -v sqlite3 >/dev/null 2>&1") != 0) {
        WARN("sqlite3 is not installed: a look from outside is skipped");
        return std::nullopt;
    }
    std::FILE* pipe = ::popen(("sqlite3 '" + path + "' \"" + sql + "\" 2>&1").c_str(), "r");
    std::string out;
    std::array<char, 256> piece{};
    while (std::fgets(piece.data(), piece.size(), pipe) != nullptr) {
        out += piece.data();
    }
    ::pclose(pipe);
    return out;
}

inline std::uintmax_t size_of(const std::string& path) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    return error ? 0 : size;
}

}  // namespace surged::test
