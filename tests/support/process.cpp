#include "support/process.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

namespace surged::test {
namespace {

std::string read_all(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

}  // namespace

Process::Process(std::string program, std::vector<std::string> arguments, std::string log,
                 std::map<std::string, std::string> environment)
    : log_(std::move(log)) {
    std::vector<char*> argv{program.data()};
    for (std::string& argument : arguments) {
        argv.push_back(argument.data());
    }
    argv.push_back(nullptr);
    const std::string out = log_ + ".out";
    const std::string err = log_ + ".err";
    pid_ = ::fork();
    if (pid_ != 0) {
        return;
    }
    // The child of a test program has one thread: everything is allowed before exec.
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    const int flags = O_WRONLY | O_CREAT | O_APPEND;
    ::dup2(::open(out.c_str(), flags, 0600), STDOUT_FILENO);
    ::dup2(::open(err.c_str(), flags, 0600), STDERR_FILENO);
    if (program.ends_with("/surgectl")) {  // it speaks as on a fresh host, whoever runs the tests
        ::setenv("LC_ALL", "C.UTF-8", 1);
        ::setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    }
    for (const auto& [name, value] : environment) {
        ::setenv(name.c_str(), value.c_str(), 1);
    }
    // A listener of this program that lived on in its child would keep its port, and take connections that nobody answers.
    ::close_range(STDERR_FILENO + 1, ~0U, 0);
    ::execv(argv[0], argv.data());
    ::_exit(127);
}

Process::~Process() {
    if (!reaped_) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
}

void Process::signal(int number) const {
    ::kill(pid_, number);
}

int Process::wait(std::chrono::milliseconds within) {
    const auto until = std::chrono::steady_clock::now() + within;
    while (!reaped_) {
        int status = 0;
        if (::waitpid(pid_, &status, WNOHANG) == pid_) {
            reaped_ = true;
            code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        } else if (std::chrono::steady_clock::now() >= until) {
            return -1;
        } else {
            std::this_thread::sleep_for(std::chrono::milliseconds{5});
        }
    }
    return code_;
}

std::string Process::out() const {
    return read_all(log_ + ".out");
}
std::string Process::err() const {
    return read_all(log_ + ".err");
}

bool Process::wait_for_err(const std::string& text, std::chrono::milliseconds within, std::size_t from) {
    const auto until = std::chrono::steady_clock::now() + within;
    while (err().find(text, from) == std::string::npos) {
        if (!running() || std::chrono::steady_clock::now() >= until) {
            return err().find(text, from) != std::string::npos;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    return true;
}

Finished run_program(const std::string& program, const std::vector<std::string>& arguments, const std::string& folder,
                     std::chrono::milliseconds within) {
    static int number = 0;  // NOLINT: names of log files only
    Process process(program, arguments, folder + "/run-" + std::to_string(++number));
    int code = process.wait(within);
    if (code == -1) {
        process.signal(SIGKILL);
        code = process.wait(std::chrono::seconds{5});
    }
    return {code, process.out(), process.err()};
}

}  // namespace surged::test
