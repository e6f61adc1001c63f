#include "child.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

namespace surged::bench {
namespace {

using namespace std::chrono_literals;

/// In the child, between fork and exec: plain system calls only.
[[noreturn]] void become(const Child::Options& options, const std::vector<char*>& argv, const std::vector<char*>& environment,
                         int out) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a run that is killed leaves nothing behind
    const char* log = options.log.empty() ? "/dev/null" : options.log.c_str();
    const int file = ::open(log, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    const int nothing = ::open("/dev/null", O_RDONLY);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(out >= 0 ? out : file, STDOUT_FILENO);
    ::dup2(file, STDERR_FILENO);
    if (!options.folder.empty() && ::chdir(options.folder.c_str()) != 0) {
        ::_exit(126);
    }
    ::execve(argv[0], argv.data(), environment.data());
    ::_exit(127);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (std::string& text : texts) {
        out.push_back(text.data());
    }
    out.push_back(nullptr);
    return out;
}

}  // namespace

Child::Child(const Options& options) {
    std::array<int, 2> ends{-1, -1};
    if (options.pipe && ::pipe2(ends.data(), O_CLOEXEC) != 0) {
        give_up("cannot make a pipe");
    }
    std::vector<std::string> words = options.argv;
    std::vector<std::string> settings = options.environment;
    for (char** entry = ::environ; *entry != nullptr; ++entry) {
        settings.emplace_back(*entry);
    }
    const auto argv = pointers(words);
    const auto environment = pointers(settings);
    pid_ = ::fork();
    if (pid_ < 0) {
        give_up("cannot start " + options.argv.front());
    }
    if (pid_ == 0) {
        become(options, argv, environment, ends[1]);
    }
    if (options.pipe) {
        ::close(ends[1]);
        out_ = ends[0];
    }
}

Child::~Child() {
    stop();
    if (out_ >= 0) {
        ::close(out_);
    }
}

bool Child::running() {
    if (pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == pid_) {
        pid_ = -1;
    }
    return pid_ > 0;
}

std::string Child::read_line(std::chrono::milliseconds within) {
    const auto end = std::chrono::steady_clock::now() + within;
    for (;;) {
        if (const auto at = text_.find('\n'); at != std::string::npos) {
            std::string line = text_.substr(0, at);
            text_.erase(0, at + 1);
            return line;
        }
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        pollfd item{out_, POLLIN, 0};
        std::array<char, 4096> piece{};
        if (left.count() <= 0 || ::poll(&item, 1, static_cast<int>(left.count())) <= 0) {
            return {};
        }
        const auto got = ::read(out_, piece.data(), piece.size());
        if (got <= 0) {
            return {};
        }
        text_.append(piece.data(), static_cast<std::size_t>(got));
    }
}

bool Child::stop(std::chrono::milliseconds within) {
    if (!running()) {
        return true;
    }
    ::kill(pid_, SIGTERM);
    const auto end = std::chrono::steady_clock::now() + within;
    while (std::chrono::steady_clock::now() < end) {
        if (!running()) {
            return true;
        }
        std::this_thread::sleep_for(2ms);
    }
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
    return false;
}

std::string own_path() {
    std::array<char, PATH_MAX> path{};
    const auto size = ::readlink("/proc/self/exe", path.data(), path.size() - 1);
    return size > 0 ? std::string(path.data(), static_cast<std::size_t>(size)) : std::string();
}

std::string beside_own(const std::string& program) {
    const std::string own = own_path();
    return own.substr(0, own.rfind('/') + 1) + program;
}

std::string first_program(const std::vector<std::string>& paths) {
    for (const std::string& path : paths) {
        if (::access(path.c_str(), X_OK) == 0) {
            return path;
        }
    }
    return {};
}

std::string wait_for_text(const std::string& file, const std::string& text, std::chrono::milliseconds within) {
    const auto end = std::chrono::steady_clock::now() + within;
    do {
        std::ifstream in(file);
        std::stringstream all;
        all << in.rdbuf();
        if (all.str().find(text) != std::string::npos) {
            return all.str();
        }
        std::this_thread::sleep_for(5ms);
    } while (std::chrono::steady_clock::now() < end);
    return {};
}

namespace {
struct GivenUp {};
}  // namespace

void give_up(const std::string& why) {
    std::fprintf(stderr, "surged_bench: %s\n", why.c_str());
    throw GivenUp();
}

int work_to_the_end(const std::function<int()>& work) {
    try {
        return work();
    } catch (const GivenUp&) {
        return 1;
    }
}

}  // namespace surged::bench
