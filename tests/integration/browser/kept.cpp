#include "kept.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace surged::test {
namespace {

/// The parent of a process; 0 = it is gone.
pid_t parent_of(const char* pid) {
    const std::string path = std::string("/proc/") + pid + "/stat";
    std::FILE* file = std::fopen(path.c_str(), "r");
    if (file == nullptr) {
        return 0;
    }
    char text[512] = {};
    const std::size_t size = std::fread(text, 1, sizeof(text) - 1, file);
    std::fclose(file);
    const auto behind_name = std::string_view(text, size).rfind(')');
    int parent = 0;
    char state = 0;
    return behind_name != std::string_view::npos && std::sscanf(text + behind_name + 1, " %c %d", &state, &parent) == 2 ? parent : 0;
}

/// Children, and theirs as they fall to us, until there is none.
void end_all() {
    for (int round = 0; round < 1000; ++round) {
        if (DIR* processes = ::opendir("/proc"); processes != nullptr) {
            while (const dirent* entry = ::readdir(processes)) {
                if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && parent_of(entry->d_name) == ::getpid()) {
                    ::kill(std::atoi(entry->d_name), SIGKILL);
                }
            }
            ::closedir(processes);
        }
        pid_t reaped = 0;
        while ((reaped = ::waitpid(-1, nullptr, WNOHANG)) > 0) {
        }
        if (reaped < 0) {
            return;
        }
        ::usleep(5000);
    }
}

[[noreturn]] void keep(int letting_go, std::vector<char*> argv, const std::string& log, const std::map<std::string, std::string>& environment) {
    ::setsid();  // a terminal's ^C ends the test, and its end is ours
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    // Of other keepers' pipes no end may stay open here.
    ::dup2(letting_go, 3);
    ::close_range(4, ~0U, 0);
    ::fcntl(3, F_SETFD, FD_CLOEXEC);
    const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    if (::fork() == 0) {
        for (const auto& [name, value] : environment) {
            ::setenv(name.c_str(), value.c_str(), 1);
        }
        ::execv(argv[0], argv.data());
        ::_exit(127);
    }
    char byte = 0;
    while (::read(3, &byte, 1) < 0) {
    }
    end_all();
    ::_exit(0);
}

}  // namespace

Kept::Kept(std::string program, std::vector<std::string> arguments, const std::string& log,
           const std::map<std::string, std::string>& environment) {
    std::vector<char*> argv{program.data()};
    for (std::string& argument : arguments) {
        argv.push_back(argument.data());
    }
    argv.push_back(nullptr);
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        return;
    }
    keeper_ = ::fork();
    if (keeper_ == 0) {
        keep(ends[0], argv, log, environment);
    }
    ::close(ends[0]);
    hold_ = ends[1];
}

Kept::~Kept() {
    ::close(hold_);
    if (keeper_ > 0) {
        ::waitpid(keeper_, nullptr, 0);
    }
}

}  // namespace surged::test
