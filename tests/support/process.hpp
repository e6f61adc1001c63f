// A program of ours as a child process: started with arguments, its output in files, ended for certain when the test ends.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace surged::test {

class Process {
public:
    /// Output goes to `<log>.out` and `<log>.err`, appended.
    Process(std::string program, std::vector<std::string> arguments, std::string log,
            std::map<std::string, std::string> environment = {});
    ~Process();  ///< SIGKILL and wait, when it still runs
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    pid_t pid() const { return pid_; }
    void signal(int number) const;
    /// The exit code, 128 + n when signal n ended it, -1 when it still runs after `within`.
    int wait(std::chrono::milliseconds within);
    bool running() { return wait(std::chrono::milliseconds{0}) == -1; }
    std::string out() const;
    std::string err() const;
    /// True once stderr holds `text`, counted from `from` bytes; false when it ends or `within` passes before.
    bool wait_for_err(const std::string& text, std::chrono::milliseconds within, std::size_t from = 0);

private:
    std::string log_;
    pid_t pid_ = -1;
    int code_ = -1;
    bool reaped_ = false;
};

/// Runs to the end, at most `within` (then it is killed: code 137).
struct Finished {
    int code = -1;
    std::string out;
    std::string err;
};
Finished run_program(const std::string& program, const std::vector<std::string>& arguments, const std::string& folder,
                     std::chrono::milliseconds within = std::chrono::seconds{30});

}  // namespace surged::test
