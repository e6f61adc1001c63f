#include "support/terminal.hpp"

#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

namespace surged::test {

Terminal::Terminal(const std::string& program, std::vector<std::string> arguments, const std::string& folder,
                   std::map<std::string, std::string> environment) {
    const char* path = std::getenv("PATH");
    environment.insert({{"PATH", path == nullptr ? "/usr/bin:/bin" : path}, {"HOME", folder}, {"TERM", "xterm"}, {"LC_ALL", "C.UTF-8"}});
    std::vector<std::string> pairs;
    for (const auto& [name, value] : environment) {
        pairs.push_back(name + "=" + value);
    }
    std::string name = program;
    std::vector<char*> argv{name.data()};
    for (std::string& argument : arguments) {
        argv.push_back(argument.data());
    }
    argv.push_back(nullptr);
    std::vector<char*> envp;
    for (std::string& pair : pairs) {
        envp.push_back(pair.data());
    }
    envp.push_back(nullptr);
    winsize size{40, 160, 0, 0};
    pid_ = ::forkpty(&master_, nullptr, nullptr, &size);
    if (pid_ < 0) {
        throw std::runtime_error("no terminal");
    }
    if (pid_ == 0) {
        if (::chdir(folder.c_str()) == 0) {
            ::execve(argv[0], argv.data(), envp.data());
        }
        ::_exit(127);
    }
}

Terminal::~Terminal() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    ::close(master_);
}

void Terminal::type(const std::string& keys) {
    if (::write(master_, keys.data(), keys.size()) != static_cast<ssize_t>(keys.size())) {
        throw std::runtime_error("the terminal takes no keys");
    }
}

bool Terminal::read_some(std::chrono::milliseconds within) {
    pollfd wait{master_, POLLIN, 0};
    if (::poll(&wait, 1, static_cast<int>(within.count())) <= 0) {
        return false;
    }
    std::array<char, 4096> bytes{};
    const auto got = ::read(master_, bytes.data(), bytes.size());
    if (got <= 0) {
        return false;  // EIO: the program has ended
    }
    text_.append(bytes.data(), static_cast<std::size_t>(got));
    return true;
}

bool Terminal::shows(const std::string& text, std::chrono::milliseconds within) {
    const auto until = std::chrono::steady_clock::now() + within;
    while (true) {
        if (const auto at = text_.find(text, seen_); at != std::string::npos) {
            seen_ = at + text.size();
            return true;
        }
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        if (left.count() <= 0 || !read_some(left)) {
            return false;
        }
    }
}

std::string Terminal::rest(std::chrono::milliseconds within) {
    const auto until = std::chrono::steady_clock::now() + within;
    const std::size_t from = seen_;
    while (true) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        if (left.count() <= 0 || !read_some(left)) {
            seen_ = text_.size();
            return text_.substr(from);
        }
    }
}

}  // namespace surged::test
